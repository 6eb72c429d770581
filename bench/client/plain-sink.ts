import { createServer } from 'node:net'
import { options } from './letter'

/** Stands in for smtp-sink where Postfix's programs are not installed: takes everything, counts it, prints as smtp-sink does. */
const { port } = options<{ port: number }>()
let messages = 0

createServer(socket => {
  let heard = ''
  let isData = false
  socket.on('error', () => undefined)
  socket.write('220 sink ESMTP\r\n')
  socket.on('data', chunk => {
    heard += chunk.toString('latin1')
    for (;;) {
      const end = isData ? heard.indexOf('\r\n.\r\n') : heard.indexOf('\r\n')
      if (end < 0) return
      const line = heard.slice(0, end)
      heard = heard.slice(end + (isData ? 5 : 2))
      if (isData) {
        isData = false
        process.stdout.write(`mesg=${++messages}\r`)
        socket.write('250 2.0.0 Ok\r\n')
      } else if (/^DATA/i.test(line)) {
        isData = true
        socket.write('354 go on\r\n')
      } else if (/^EHLO/i.test(line)) socket.write('250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n')
      else if (/^QUIT/i.test(line)) socket.end('221 2.0.0 bye\r\n')
      else socket.write('250 2.1.0 Ok\r\n')
    }
  })
}).listen(port, '127.0.0.1')
