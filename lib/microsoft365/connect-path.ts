/** Where the sign-in at Microsoft for a card begins, for the way that its mail takes. A plain link leads there: nothing may fetch it ahead. */
export const connectPath = (code: string, via: 'smtp' | 'graph') =>
  `/oauth/microsoft/authorize?card=${encodeURIComponent(code)}${via === 'graph' ? '&purpose=graph' : ''}`
