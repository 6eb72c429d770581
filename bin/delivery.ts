import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { MetricObjectWithValues, MetricValue } from 'prom-client'
import { log } from '@/lib/log'
import { threadFile } from '@/lib/thread-file'
import type { DeliveryOptions } from './delivery-thread'

export type Metrics = MetricObjectWithValues<MetricValue<string>>[]
export type Delivery = { metrics(): Promise<Metrics>; stop(): Promise<void> }

/** Starts the thread that sends. The process does not outlive it: whoever started the process starts it again. */
export function startDelivery(options: DeliveryOptions): Delivery {
  const thread = new Worker(threadFile('bin/delivery-thread'), { workerData: options, transferList: options.writer ? [options.writer] : [] })
  let isStopping = false
  thread.on('error', error => {
    log.fatal({ event: 'deliveryBroke', err: error }, 'the thread that sends broke')
    process.exit(1)
  })
  thread.on('exit', () => isStopping || process.exit(1))
  return {
    async metrics() {
      thread.postMessage('metrics')
      const [metrics] = await once(thread, 'message')
      return metrics as Metrics
    },
    async stop() {
      isStopping = true
      const ended = once(thread, 'exit')
      thread.postMessage('stop')
      await ended
    },
  }
}
