import 'primeicons/primeicons.css';
import './styles.css';
import PrimeVue from 'primevue/config';
import ConfirmationService from 'primevue/confirmationservice';
import ToastService from 'primevue/toastservice';
import { createApp } from 'vue';
import App from './App.vue';
import { i18n, useBrowsersLanguage } from './i18n';
import { router } from './router';
import { preset } from './theme';

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

useBrowsersLanguage();
createApp(App)
  .use(i18n)
  .use(router)
  .use(PrimeVue, { theme: { preset, options: { darkModeSelector: '.dark', cssLayer: false } }, csp: { nonce } })
  .use(ToastService)
  .use(ConfirmationService)
  .mount('#app');
