import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig } from 'vitest/config'

// Core serves what this builds below /desk/; while developing, everything else goes on to Core.
const core = process.env.COUNTERSIGN_CORE_URL ?? 'http://localhost:7070'

export default defineConfig({
  base: '/desk/',
  // Old phones keep an old browser: what is built must run on one of four years ago.
  build: {
    target: ['chrome94', 'firefox93', 'safari15.4'],
    sourcemap: false,
    // What the first page may weigh is a test's to say (tests/new-version.test.mjs).
    chunkSizeWarningLimit: 800,
    rollupOptions: {
      onwarn: (warning, warn) => {
        // Says which side of a server framework a file is for, and nothing to us.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
  server: { proxy: { '^/(?!desk)': { target: core, changeOrigin: false } } },
  plugins: [
    VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: false,
      injectManifest: { globPatterns: ['**/*.{js,css,html,svg,woff2,png}'] },
      manifest: {
        name: 'Countersign',
        short_name: 'Countersign',
        description: 'Civil registration that works without a network',
        start_url: '/desk/',
        scope: '/desk/',
        display: 'standalone',
        background_color: '#f6f7f9',
        theme_color: '#1d4e6b',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
    }),
  ],
  test: {
    environment: 'node',
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx'],
    // Only what hangs is to be ended: a busy machine takes its time, and says nothing about the code.
    testTimeout: 60_000,
  },
})
