import type { Phase } from '@/db/schema'
import type { ConversationLine, ConversationStep, Reply, StepFacts } from './conversation'
import { hiddenSecret } from './conversation'
import { parseReply, secretHider, visible } from './server-text'
import type { Login } from './submission'

const maxLines = 200

export type StepListener = (position: number, step: ConversationStep) => void

/** Writes down a conversation with a server as it happens: which step runs, what was said, what came of it. */
export class Transcript {
  readonly steps: ConversationStep[] = []
  private readonly awaited: number[] = [] // positions of the steps whose reply is still to come, in order
  private lineCount = 0
  private lastHeard = 0

  constructor(
    hide: (text: string) => string,
    private readonly onStep?: StepListener,
  ) {
    this.hide = hide
  }

  /** Takes the secrets of every sign-in of this conversation out of a text. */
  hide: (text: string) => string

  /** One more sign-in on the same connection: what it travels as is hidden from now on too. */
  keepSecret(login: Login): void {
    const [before, also] = [this.hide, secretHider(login)]
    this.hide = text => also(before(text))
  }

  /** The step that the conversation has come to: the first that waits for a reply, else the last one begun. */
  get phase(): Phase {
    return this.current?.phase ?? 'dns'
  }

  isRunning(phase: Phase): boolean {
    return this.running(phase) !== undefined
  }

  begin(phase: Phase, facts: StepFacts = {}): number {
    const position = this.steps.push({ phase, state: 'running', startedAt: Date.now(), durationMs: null, facts: this.shown(facts), lines: [] }) - 1
    this.told(position)
    return position
  }

  end(phase: Phase, state: 'done' | 'failed', facts: StepFacts = {}): void {
    const position = this.running(phase)
    if (position !== undefined) this.endAt(position, state, facts)
  }

  /** Adds what has become known to the latest step of a phase, ended or not. */
  learn(phase: Phase, facts: StepFacts): void {
    const position = this.steps.findLastIndex(step => step.phase === phase)
    const step = this.steps[position]
    if (!step) return
    step.facts = { ...step.facts, ...this.shown(facts) }
    this.told(position)
  }

  /** A line of ours that belongs to a step and wants a reply. Secrets of the sign-in never get here in the clear. */
  say(phase: Phase, line: string, facts: StepFacts = {}): void {
    const position = this.running(phase, phase === 'rcpt') ?? this.begin(phase, facts)
    this.awaited.push(position)
    this.write(position, 'client', phase === 'auth' ? withoutPayload(line) : line)
  }

  /** A line more of the step whose reply was heard last, which has ended; what answers it is written there, and changes nothing. */
  sayOn(line: string): void {
    this.awaited.push(this.lastHeard)
    this.write(this.lastHeard, 'client', line)
  }

  /** The body has gone out; only the server's last word is missing. */
  awaitFinalReply(sizeBytes: number): void {
    this.end('data', 'done', { sizeBytes })
    this.awaited.push(this.begin('reply'))
  }

  /** The server speaks next, and it belongs to this phase. */
  await(phase: Phase): void {
    const position = this.running(phase)
    if (position !== undefined) this.awaited.push(position)
  }

  /** Ends the step whose reply was heard last. */
  endHeard(state: 'done' | 'failed'): void {
    this.endAt(this.lastHeard, state)
  }

  /** What the server said, in answer to the oldest line that waits. Gives the phase it belongs to. */
  hear(raw: string): { phase: Phase; reply: Reply | null } {
    const position = this.awaited.shift() ?? this.steps.length - 1
    this.lastHeard = position
    const step = this.steps[position]
    const reply = parseReply(raw, this.hide)
    if (!step) return { phase: 'connect', reply }
    for (const line of raw.split(/\r?\n/)) this.write(position, 'server', line)
    if (reply && step.state === 'running') step.facts = { ...step.facts, reply }
    return { phase: step.phase, reply }
  }

  /** Ends what still runs: the step the conversation has come to failed, the ones behind it were never reached. */
  fail(facts: StepFacts): void {
    const failed = this.steps.indexOf(this.current as ConversationStep)
    for (const [position, step] of this.steps.entries()) {
      if (step.state === 'running') this.endAt(position, 'failed', position === failed ? facts : {})
    }
    if (failed >= 0 && this.steps[failed]?.state === 'done') this.endAt(failed, 'failed', facts)
  }

  private endAt(position: number, state: 'done' | 'failed', facts: StepFacts = {}): void {
    const step = this.steps[position]
    if (!step) return
    step.state = state
    step.durationMs ??= Date.now() - step.startedAt
    step.facts = { ...step.facts, ...this.shown(facts) }
    this.told(position)
  }

  private get current(): ConversationStep | undefined {
    return this.steps[this.awaited[0] ?? -1] ?? this.steps.at(-1)
  }

  private running(phase: Phase, wantsFresh = false): number | undefined {
    const position = wantsFresh ? -1 : this.steps.findLastIndex(step => step.phase === phase && step.state === 'running')
    return position < 0 ? undefined : position
  }

  private write(position: number, who: ConversationLine['who'], text: string): void {
    if (this.lineCount++ >= maxLines) return
    this.steps[position]?.lines.push({ who, text: visible(this.hide(text)) })
    this.told(position)
  }

  private shown(facts: StepFacts): StepFacts {
    return JSON.parse(JSON.stringify(facts), (_key, value) => (typeof value === 'string' ? visible(this.hide(value)) : value))
  }

  private told(position: number): void {
    const step = this.steps[position]
    if (step) this.onStep?.(position, structuredClone(step))
  }
}

/** `AUTH PLAIN AGFu…` keeps its mechanism; every other line of a sign-in is the secret itself. */
const withoutPayload = (line: string) => {
  const [, command, payload] = /^(AUTH [A-Z0-9-]+)( .*)?$/i.exec(line) ?? []
  if (!command) return hiddenSecret
  return payload ? `${command} ${hiddenSecret}` : command
}
