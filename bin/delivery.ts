import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { MetricObjectWithValues, MetricValue } from 'prom-client'
import { log } from '@/lib/log'
import { threadFile } from '@/lib/thread-file'
import type { DeliveryOptions } from './delivery-thread'

type Metrics = MetricObjectWithValues<MetricValue<string>>[]
export type Delivery = { metrics(): Promise<Metrics>; stop(): Promise<void> }

/** Starts the thread that sends. The process does not outlive it: whoever started the process starts it again. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const thread = new Worker(threadFile('bin/delivery-thread'), {
    workerData: options,
    transferList: options.writer ? [options.writer] : [],
    resourceLimits: { maxYoungGenerationSizeMb: 96 }, // twice the usual: what is under way is copied half as often, and seldom grows old
  })
  let isStopping = false
  const over = once(thread, 'exit').then((): [Metrics] => [[]])
  thread.on('error', error => {
    log.fatal({ event: 'deliveryBroke', err: error }, 'the thread that sends broke')
    process.exit(1)
  })
  thread.on('exit', () => isStopping || process.exit(1))
  return {
    async metrics() {
      thread.postMessage('metrics')
      const [metrics] = await Promise.race([once(thread, 'message') as Promise<[Metrics]>, over]) // one that has stopped answers nothing
      return metrics
    },
    async stop() {
      isStopping = true
      thread.postMessage('stop')
      await over
    },
  }
}
