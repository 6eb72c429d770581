export { type AccountHealth, getAccountHealth, listPausedAccounts, type PausedAccount } from './account-health'
export { findAccount, findOrCreateAccount, wakeAccounts } from './find-account'
export { resumeAccountsOf, resumeStatements } from './resume-accounts'
