declare module 'dns2' {
  type Question = { name: string; type: number; class: number }
  export class Packet {
    static TYPE: Record<string, number>
    static CLASS: { IN: number }
    static createResponseFromRequest(request: Packet): Packet
    header: { rcode: number; rd: number; ra: number }
    questions: Question[]
    answers: Record<string, unknown>[]
  }
  type Server = {
    listen(to: { udp: { port: number; address: string } }): Promise<{ udp?: { port: number } }>
    close(): Promise<void>
  }
  const dns2: { Packet: typeof Packet; createServer: typeof createServer }
  export default dns2
  function createServer(options: { udp: boolean; tcp?: boolean; handle: (request: Packet, send: (answer: Packet) => void) => void }): Server
}
