import type { NextConfig } from 'next'
import createNextIntlPlugin from 'next-intl/plugin'

const withNextIntl = createNextIntlPlugin('./app/_i18n/request.ts')

const config: NextConfig = {
  distDir: process.env.NEXT_DIST_DIR || '.next', // two builds of one checkout may not share a folder
  poweredByHeader: false,
  reactStrictMode: true,
  serverExternalPackages: [
    'better-sqlite3',
    '@node-rs/argon2',
    'pg',
    'pino',
    'nodemailer',
    'mailparser',
    'smtp-server',
    'sanitize-html',
    'rate-limiter-flexible',
  ],
  experimental: { serverActions: { bodySizeLimit: '256kb' } },
  images: { unoptimized: true },
  headers: async () => [{ source: '/fonts/:file*', headers: [{ key: 'Cache-Control', value: 'public, max-age=31536000, immutable' }] }],
}

export default withNextIntl(config)
