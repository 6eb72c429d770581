import type { ReactNode } from 'react'

const circle = <circle key="0" cx="8" cy="8" r="6.25" />

/** Every glyph of the product, drawn on 16 by 16 in one stroke. */
const glyphs = {
  works: [circle, <path key="1" d="m5.25 8.25 1.9 1.9 3.6-4.15" />],
  waiting: [circle, <path key="1" d="M8 4.5V8l2.25 1.5" />],
  failed: [circle, <path key="1" d="m5.75 5.75 4.5 4.5m0-4.5-4.5 4.5" />],
  unknown: [circle, <path key="1" d="M6.2 6.3c.1-1 .9-1.6 1.8-1.6s1.8.6 1.8 1.5c0 1.2-1.8 1.4-1.8 2.6M8 11.2v.1" />],
  info: [circle, <path key="1" d="M8 7.25v3.5M8 5v.1" />],
  sending: [circle, <path key="1" d="M5 8h6M8.5 5.5 11 8l-2.5 2.5" />],
  cancelled: [circle, <path key="1" d="m3.75 12.25 8.5-8.5" />],
  expired: [<path key="0" d="M4.25 2.5h7.5M4.25 13.5h7.5M5 2.5c0 4 6 3.5 6 5.5s-6 1.5-6 5.5M11 2.5c0 4-6 3.5-6 5.5s6 1.5 6 5.5" />],
  idle: [<circle key="0" cx="8" cy="8" r="6.25" strokeDasharray="1.6 2.325" />],
  running: [<circle key="0" cx="8" cy="8" r="6.25" opacity="0.3" />, <path key="1" d="M8 1.75A6.25 6.25 0 0 1 14.25 8" />],
  attention: [<path key="0" d="M8 2.25 14.25 13.25H1.75z" />, <path key="1" d="M8 6.5v3M8 11.4v.1" />],
  queued: [<path key="0" d="M2.75 4h10.5M2.75 8h10.5M2.75 12h6" />],
  bounced: [<path key="0" d="M5.75 3.25 2.5 6.5l3.25 3.25" />, <path key="1" d="M2.5 6.5h7a3.5 3.5 0 0 1 0 7H7" />],
  inherited: [<path key="0" d="M3.5 3v4.5a2.5 2.5 0 0 0 2.5 2.5h6.5" />, <path key="1" d="m9.75 7 3 3-3 3" />],
  copy: [
    <rect key="0" x="5.75" y="5.75" width="7.5" height="7.5" rx="1.5" />,
    <path key="1" d="M10.25 5.5V4.25a1.5 1.5 0 0 0-1.5-1.5h-4.5a1.5 1.5 0 0 0-1.5 1.5v4.5a1.5 1.5 0 0 0 1.5 1.5H5.5" />,
  ],
  download: [<path key="0" d="M8 2.75v7M4.75 6.75 8 10l3.25-3.25M2.75 13.25h10.5" />],
  external: [<path key="0" d="M6.5 3.5h-3v9h9v-3M9.5 2.75h3.75V6.5M13 3 7.75 8.25" />],
  search: [<circle key="0" cx="7" cy="7" r="4.25" />, <path key="1" d="m10.25 10.25 3.25 3.25" />],
  menu: [<path key="0" d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11" />],
  close: [<path key="0" d="m4 4 8 8m0-8-8 8" />],
  plus: [<path key="0" d="M8 3v10M3 8h10" />],
  tick: [<path key="0" d="m3 8.5 3.25 3.25L13 4.75" />],
  switch: [<path key="0" d="m5 6 3-3 3 3M5 10l3 3 3-3" />],
  down: [<path key="0" d="m4.5 6.25 3.5 3.5 3.5-3.5" />],
  right: [<path key="0" d="m6.25 4.5 3.5 3.5-3.5 3.5" />],
  left: [<path key="0" d="m9.75 4.5-3.5 3.5 3.5 3.5" />],
  sortDown: [<path key="0" d="M8 3.5v9M4.75 9.25 8 12.5l3.25-3.25" />],
  sortUp: [<path key="0" d="M8 12.5v-9M4.75 6.75 8 3.5l3.25 3.25" />],
  leave: [<path key="0" d="M6.5 3h-3v10h3M7 8h6.25M10.75 5.5l2.5 2.5-2.5 2.5" />],
  mail: [<rect key="0" x="2" y="3.5" width="12" height="9" rx="1.5" />, <path key="1" d="m2.5 4.5 5.5 4.25 5.5-4.25" />],
  server: [
    <rect key="0" x="2.5" y="2.75" width="11" height="4.5" rx="1" />,
    <rect key="1" x="2.5" y="8.75" width="11" height="4.5" rx="1" />,
    <path key="2" d="M5 5v.1M5 11v.1" />,
  ],
  user: [<circle key="0" cx="8" cy="5.5" r="2.75" />, <path key="1" d="M2.75 13.5c.6-2.6 2.6-4 5.25-4s4.65 1.4 5.25 4" />],
  attachment: [<path key="0" d="M12.5 7.25 7.6 12.1a2.9 2.9 0 0 1-4.1-4.1l5.2-5.15a1.95 1.95 0 0 1 2.75 2.75L6.3 10.7a.95.95 0 0 1-1.35-1.35L9.6 4.75" />],
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof glyphs

/** A glyph beside the word it belongs to; hidden from screen readers, because the word is there. */
export function Icon({ name, large = false, className = '' }: { name: IconName; large?: boolean; className?: string }) {
  return (
    <svg className={`icon${large ? ' icon-20' : ''} ${className}`.trim()} viewBox="0 0 16 16" aria-hidden="true">
      {glyphs[name]}
    </svg>
  )
}
