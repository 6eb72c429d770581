import { WrongSettings } from './setting/wrong-settings'

/** Where a server is to listen, and the setting that says so. */
export type Place = { setting: string; port: number; address: string }

export class PortInUse extends WrongSettings {
  constructor({ setting, port }: Place) {
    super(`${setting} ${port} is in use: stop what has it, or set ${setting} to another port`)
  }
}

/**
 * Listens on an address. `::` means every address of the machine, of both kinds; where the kernel was started without IPv6 there
 * is no such address, and `0.0.0.0` means all there are.
 * @throws WrongSettings naming what is set, where the system gives neither the port nor the address; PortInUse where another program has it
 */
export async function listenOn<T>(place: Place, listen: (address: string) => Promise<T>): Promise<T> {
  const { setting, port, address } = place
  try {
    return await listen(address)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAFNOSUPPORT' && address === '::') return listenOn({ ...place, address: '0.0.0.0' }, listen)
    if (code === 'EADDRINUSE') throw new PortInUse(place)
    if (code === 'EACCES') throw new WrongSettings(`${setting} ${port} is not for this user: set ${setting} to a port above 1023`)
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') throw new WrongSettings(`LISTEN_ADDRESS ${address} is not an address of this machine`)
    throw error
  }
}
