import { expect, test } from 'vitest'
import { scopesOf } from './application'

test.each([
  ['https://login.microsoftonline.com', 'https://graph.microsoft.com', 'https://outlook.office.com/SMTP.Send'],
  ['https://login.microsoftonline.com/0f0f0f0f-1c2b-4000-8000-000000000365', 'https://graph.microsoft.com', 'https://outlook.office.com/SMTP.Send'],
  ['https://login.microsoftonline.us', 'https://graph.microsoft.us', 'https://outlook.office365.us/SMTP.Send'],
  ['https://login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn', 'https://partner.outlook.cn/SMTP.Send'],
])('at %s sending is asked for in the names of that cloud', (authority, graphUrl, smtp) => {
  const signIn = ['offline_access', 'openid', 'profile']
  expect(scopesOf('connect', { authority, graphUrl })).toEqual([smtp, ...signIn])
  expect(scopesOf('graph', { authority, graphUrl })).toEqual([`${graphUrl}/Mail.Send`, ...signIn])
})
