/** What an operator has to set otherwise before anything starts: a line for each setting, which is all that is printed. No line holds a secret. */
export class WrongSettings extends Error {
  constructor(...lines: string[]) {
    super(lines.join('\n'))
    this.name = 'WrongSettings'
  }
}
