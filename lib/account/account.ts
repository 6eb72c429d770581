export { getAccountHealth, listPausedAccounts } from './account-health'
export { findAccount } from './find-account'
export { resumeAccountsOf, resumeStatements } from './resume-accounts'
