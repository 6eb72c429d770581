import type { TestSend } from '@/db/schema'
import type { Place } from '@/lib/secret/seal'
import type { Server } from '@/lib/sender/route'

/** The unsaved password of a test opens for that test only, and for the one server and user name it was typed for. */
export const valuesPlace = ({ id, tenantId }: Pick<TestSend, 'id' | 'tenantId'>, { host, port, tls, username }: Server & { username: string }): Place => ({
  table: 'test_send',
  column: 'values_sealed',
  tenantId,
  rowId: id,
  boundTo: [host, port, tls, username],
})
