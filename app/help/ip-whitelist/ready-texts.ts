import { env } from '@/lib/env'

const { egress, name } = env.platform

const cidrOf = (address: string) => (address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`)
const spfOf = (address: string) => `${address.includes(':') ? 'ip6' : 'ip4'}:${address}`

/** The egress addresses, in the form that each system takes them. */
export const readyTexts = {
  addresses: egress,
  cidrs: egress.map(cidrOf),
  cidr: egress.map(cidrOf).join('\n'),
  spf: egress.map(spfOf).join(' '),
  postfix: `mynetworks = 127.0.0.0/8 [::1]/128\n${egress.map(address => `    ${postfixOf(address)}`).join('\n')}`,
  exchange: `New-InboundConnector -Name "${name}" -ConnectorType OnPremises -SenderDomains "*" \`
    -SenderIPAddresses ${egress.join(',\n        ')}

Set-HostedConnectionFilterPolicy -Identity Default \`
    -IPAllowList @{Add=${egress.map(address => `"${address}"`).join(',\n        ')}}`,
}

function postfixOf(address: string): string {
  return address.includes(':') ? `[${address.split('/')[0]}]/${address.split('/')[1] ?? 128}` : cidrOf(address)
}
