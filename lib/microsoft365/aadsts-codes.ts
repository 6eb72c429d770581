import type { OAuthCause } from './oauth-cause'

/** Microsoft's numbered sign-in errors (learn.microsoft.com, "Microsoft Entra error codes"), by what they mean for a mailbox that sends. */
const codes: Partial<Record<OAuthCause, number[]>> = {
  interactionRequired: [16000, 16002, 50058, 50125, 50140, 50199, 9002341],
  grantInvalid: [40009, 50013, 50027, 50085, 70000],
  passwordChanged: [50132, 50133, 50173],
  refreshExpired: [70008, 700081, 700082, 700084],
  sessionExpired: [50078, 70043, 70044],
  mfaRequired: [50072, 50074, 50076, 50079, 50158, 50177, 500121],
  badCredentials: [50056, 50064, 50126],
  wrongAccount: [16001, 16003, 50020, 50034, 51004, 90072, 500200, 500202, 500207, 500208, 9002332],
  consentMissing: [65001],
  signInExpired: [50089, 54005, 70018, 70019],
  passwordExpired: [50055, 50135, 50142, 50144],
  consentDeclined: [65004],
  adminConsentRequired: [90093, 90094, 90095, 90097, 900941],
  notAssigned: [50105, 501051],
  accountDisabled: [50057, 500571],
  conditionalAccess: [50005, 50097, 50127, 50129, 50131, 50155, 50178, 50187, 700003],
  securityDefaults: [530035],
  crossTenant: [500212, 500213, 900235],
  resourceMissing: [500011, 500014, 650052],
  federationFailed: [40008, 50107, 90020, 90123],
  redirectMismatch: [50011, 70004, 500112, 500113, 500117, 900971],
  clientIdUnknown: [70001, 700016],
  clientSecretInvalid: [70002, 7000215, 7000216],
  clientSecretExpired: [7000222],
  clientCertificate: [50012, 700021, 700023, 700024, 700027, 700030],
  clientType: [700025, 700054, 7000218, 9002326, 9002327],
  clientRefused: [7000112],
  permissionMissing: [65002, 65005, 90008, 650054, 650056, 650057],
  wrongCloud: [50001, 50049, 900382, 900432, 900439],
  wrongEndpoint: [50194, 90124, 9001023, 9002331],
  wrongTenant: [50059, 50128, 90002, 700005, 900023],
  scopeUnknown: [28002, 28003, 70011, 650053],
  scopeMixed: [700022],
  malformedRequest: [70003, 70005, 70007, 90014, 90015, 90019, 90023, 90100, 900144, 9002313, 9002325],
  requestLoop: [50196],
  accountLocked: [50053],
  transient: [40010, 50000, 90006, 90012, 90024, 90033, 90036, 90055],
}

const byCode = new Map(Object.entries(codes).flatMap(([cause, numbers]) => numbers.map(number => [number, cause as OAuthCause] as const)))

/** Microsoft numbers its errors by subject: what an unlisted one is near to. */
const neighbourhoods: { from: number; to: number; cause: OAuthCause }[] = [
  { from: 16000, to: 16999, cause: 'interactionRequired' },
  { from: 53000, to: 53999, cause: 'conditionalAccess' },
  { from: 65000, to: 65999, cause: 'consentMissing' },
  { from: 75000, to: 75999, cause: 'malformedRequest' },
  { from: 80000, to: 81999, cause: 'federationFailed' },
  { from: 90000, to: 90999, cause: 'malformedRequest' },
  { from: 120000, to: 120999, cause: 'passwordExpired' },
  { from: 130000, to: 139999, cause: 'conditionalAccess' }, // keys and state of a device
  { from: 530000, to: 530999, cause: 'conditionalAccess' },
  { from: 650000, to: 650999, cause: 'permissionMissing' },
  { from: 700000, to: 700999, cause: 'clientRefused' },
  { from: 900000, to: 900999, cause: 'malformedRequest' },
  { from: 7000000, to: 7000999, cause: 'clientRefused' },
  { from: 9000000, to: 9009999, cause: 'malformedRequest' },
]

/** Null: a code that we have no word for. */
export const causeOfCode = (code: number): OAuthCause | null => byCode.get(code) ?? null

/** Of a code we have no word for, by its neighbours. Null: it has none. */
export const causeNear = (code: number): OAuthCause | null => neighbourhoods.find(({ from, to }) => code >= from && code <= to)?.cause ?? null
