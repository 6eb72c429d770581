import type { Verdict } from './targets'

const [left, width, rowHeight] = [430, 420, 24]

/** One bar a target: how far it got, where 1 is the target itself. For what must stay small the bar is the inverse. */
export function plot(verdicts: Verdict[], caption: string): string {
  const measured = verdicts.filter(({ ratio }) => ratio !== null)
  const height = measured.length * rowHeight + 60
  const scale = width / 2.5 // two and a half times the target fills the picture
  const rows = measured.map(({ title, ratio, wanted, isAtMost, isMet, figure, target }, index) => {
    const reached = isAtMost ? wanted / Math.max(ratio ?? 0, 1e-9) : (ratio ?? 0) / wanted
    const y = 40 + index * rowHeight
    const bar = Math.min(reached * scale, width)
    return [
      `<text x="${left - 10}" y="${y + 14}" text-anchor="end">${escaped(title)}</text>`,
      `<rect x="${left}" y="${y + 2}" width="${bar.toFixed(1)}" height="${rowHeight - 8}" fill="${isMet ? '#2f7d5b' : '#b4552d'}"/>`,
      `<text x="${left + width + 10}" y="${y + 14}">${escaped(`${figure}, target ${target}`)}</text>`,
    ].join('')
  })
  const mark = left + scale
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + width + 330}" height="${height}" font-family="sans-serif" font-size="12"><title>Targets reached</title>`,
    `<rect width="100%" height="100%" fill="#fff"/><text x="${left}" y="20" font-weight="bold">Share of each target reached (line: the target)</text>`,
    ...rows,
    `<line x1="${mark}" y1="30" x2="${mark}" y2="${height - 20}" stroke="#222" stroke-dasharray="3 3"/>`,
    `<text x="${left}" y="${height - 5}" fill="#666">${escaped(caption)}</text></svg>\n`,
  ].join('\n')
}

const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
