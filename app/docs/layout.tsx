export { default } from '../help/layout'
