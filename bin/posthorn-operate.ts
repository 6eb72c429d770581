import { backUp, markRestored, restore } from '@/lib/operate/backup'
import { forgetLostSecrets, listLostSecrets } from '@/lib/operate/lost-secrets'
import { listKeysInUse, rotateKeys } from '@/lib/operate/rotate-keys'
import { release } from '@/lib/operate/settle-after-restore'
import { type Command, said } from './command'

/** What an operator does with the whole installation. */
export const operateCommands: Record<string, Command> = {
  backup: {
    usage: '<file>',
    about: 'copy the database into a new file, while web and engine run',
    takesFile: true,
    tables: 'any', // before a new build's migrate, while the old one runs
    run: async (db, { file }) => {
      const { bytes } = await backUp(db, String(file))
      return said({ file, bytes }, `${file} is written (${bytes} bytes). The keys are not in it: keep them apart.`)
    },
  },
  restore: {
    usage: '<file> | --restored',
    about: 'put a backup in place, web and engine stopped; --restored: after you have done so by other means',
    takesFile: true,
    runWithout: async ({ file, restored }) => {
      const { unknown, keptAs } = restored ? { ...(await markRestored()), keptAs: null } : await restore(String(file))
      return said(
        { unknown, keptAs, held: true },
        `The backup is in place. Sending is held; ${unknown} messages that had not ended when it was taken are unknown.`,
        ...(keptAs ? [`The database there was is kept as ${keptAs}.`] : []),
        'Start web and engine, look at the outbox, then: posthorn release',
      )
    },
  },
  release: {
    usage: '[--send-waiting]',
    about: 'let mail leave again after a restore; --send-waiting: also what waited in the backup, if you know that nothing left after it',
    run: async (db, options) => {
      const { queued } = await release(db, { sendsWaiting: options['send-waiting'] === true })
      return said(
        { held: false, queued },
        `Mail leaves again. ${queued} messages of the backup are queued; those still unknown are for people to decide in the outbox.`,
      )
    },
  },
  'keys rotate': {
    usage: '',
    about: 'seal every secret anew with the first of POSTHORN_KEYS; afterwards the others can go',
    run: async db => {
      const rotated = await rotateKeys(db)
      const keys = await listKeysInUse(db)
      const unopened = rotated.flatMap(({ column, unopened }) => unopened.map(id => `${column} of ${id}: no key opens it`))
      const lines = [
        ...rotated.filter(({ resealed }) => resealed > 0).map(({ column, resealed }) => `${resealed} sealed anew in ${column}`),
        ...keys.map(({ keyId, seals, isKnown }) => `key ${keyId}: ${seals} seals${isKnown ? '' : ', and it is not in POSTHORN_KEYS'}`),
        ...unopened,
      ]
      return { rows: [{ rotated, keys }], lines, isWell: unopened.length === 0 }
    },
  },
  'keys lost': {
    usage: '[--forget <key>]',
    about: 'list whose secrets no key opens; --forget: drop what was sealed with a key that is lost for good, so that its owners are asked anew',
    run: async (db, { forget }) => {
      const forgotten = typeof forget === 'string' ? await forgetLostSecrets(db, { keyId: forget }) : null
      const lost = await listLostSecrets(db)
      const dropped = forgotten && `Forgotten: ${forgotten.passwords} passwords, ${forgotten.connections} Microsoft 365 connections.`
      const lines = lost.map(({ company, user, what, keyId }) => [company, user ?? 'its admins', what, `key ${keyId}`].join('\t'))
      return {
        rows: forgotten ? [{ forgotten, lost }] : lost,
        lines: [...(dropped ? [dropped] : []), ...lines, ...(lost.length === 0 ? ['The keys that are here open every secret.'] : [])],
        isWell: lost.length === 0,
      }
    },
  },
}
