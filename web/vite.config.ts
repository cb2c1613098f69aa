import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';
import { gzip } from './vite-gzip';

export default defineConfig({
  plugins: [vue(), gzip()],
  define: {
    __VUE_OPTIONS_API__: 'true', // PrimeVue's components need it
    __VUE_PROD_DEVTOOLS__: 'false',
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_JIT_COMPILATION__: 'true', // messages are interpreted: the policy forbids eval
    __INTLIFY_DROP_MESSAGE_COMPILER__: 'false',
  },
  build: {
    assetsInlineLimit: 0, // data: addresses would have to be allowed otherwise
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:9188' } },
});
