/**
 * Listens on an address. `::` means every address of the machine, of both kinds; where the kernel was started without IPv6 there
 * is no such address, and `0.0.0.0` means all there are.
 */
export async function listenOn<T>(address: string, listen: (address: string) => Promise<T>): Promise<T> {
  try {
    return await listen(address)
  } catch (error) {
    if (address !== '::' || (error as NodeJS.ErrnoException).code !== 'EAFNOSUPPORT') throw error
    return listen('0.0.0.0')
  }
}
