import { mostCounted } from '@/lib/message/message-state'

/** `1,000+` for what was not counted to its end. */
export const countText = (count: number, isLeast: boolean, format: (count: number) => string) =>
  count > mostCounted || (isLeast && count > 0) ? `${format(Math.min(count, mostCounted))}+` : format(count)
