declare module 'dns2' {
  type Question = { name: string; type: number; class: number }
  export class Packet {
    static TYPE: Record<string, number>
    static CLASS: { IN: number }
    static createResponseFromRequest(request: Packet): Packet
    header: { rcode: number; rd: number; ra: number; tc: number }
    questions: Question[]
    answers: Record<string, unknown>[]
    toBuffer(): Buffer
  }
  type Address = { port: number; address: string }
  export type Handle = (request: Packet, send: (answer: Packet) => void, client: import('node:dgram').RemoteInfo | import('node:net').Socket) => void
  export type Server = import('node:events').EventEmitter & {
    listen(to: { udp: Address; tcp: Address }): Promise<unknown>
    close(): Promise<void>
  }
  const dns2: { Packet: typeof Packet; createServer: typeof createServer }
  export default dns2
  function createServer(options: { udp: boolean; tcp: boolean; handle: Handle }): Server
}
