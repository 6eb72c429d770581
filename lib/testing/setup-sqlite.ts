import { prepareEnvironment } from './environment'

prepareEnvironment()
