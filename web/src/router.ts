import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router';
import { client } from './api/cofre';
import { i18n } from './i18n';
import Today from './pages/TodayPage.vue';
import SignIn from './pages/SignInPage.vue';
import { endSession, mayAdminister, resume, seesAll, session } from './session';

declare module 'vue-router' {
  interface RouteMeta {
    title: string; // key of the page's name
    needs?: 'all' | 'administer'; // what the user must be allowed to see
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/ingresar', name: 'signIn', component: SignIn, meta: { title: 'signIn.title' } },
    { path: '/', name: 'today', component: Today, meta: { title: 'nav.today', needs: 'all' } },
    {
      path: '/empresas',
      name: 'companies',
      component: () => import('./pages/CompaniesPage.vue'),
      meta: { title: 'nav.companies' },
    },
    {
      path: '/empresas/:id(\\d+)',
      name: 'company',
      component: () => import('./pages/CompanyPage.vue'),
      props: true,
      meta: { title: 'common.company' },
    },
    { path: '/tareas', name: 'jobs', component: () => import('./pages/JobsPage.vue'), meta: { title: 'nav.jobs' } },
    { path: '/plan', name: 'plan', component: () => import('./pages/PlanPage.vue'), meta: { title: 'nav.plan' } },
    {
      path: '/servidores',
      name: 'servers',
      component: () => import('./pages/ServersPage.vue'),
      meta: { title: 'nav.servers', needs: 'all' },
    },
    {
      path: '/usuarios',
      name: 'users',
      component: () => import('./pages/UsersPage.vue'),
      meta: { title: 'nav.users', needs: 'administer' },
    },
    { path: '/tokens', name: 'tokens', component: () => import('./pages/TokensPage.vue'), meta: { title: 'nav.tokens' } },
    {
      path: '/auditoria',
      name: 'audit',
      component: () => import('./pages/AuditPage.vue'),
      meta: { title: 'nav.audit', needs: 'administer' },
    },
    {
      path: '/simulador',
      name: 'simulator',
      component: () => import('./pages/SimulatorPage.vue'),
      meta: { title: 'nav.simulator', needs: 'all' },
    },
    {
      path: '/configuracion',
      name: 'settings',
      component: () => import('./pages/SettingsPage.vue'),
      meta: { title: 'nav.settings', needs: 'all' },
    },
    {
      path: '/:rest(.*)*',
      name: 'notFound',
      component: () => import('./pages/NotFoundPage.vue'),
      meta: { title: 'common.notFound' },
    },
  ],
});

export function maySee(needs: 'all' | 'administer' | undefined): boolean {
  if (needs === 'administer') return mayAdminister.value;
  return needs === 'all' ? seesAll.value : true;
}

let resumed = false;

async function guard(to: RouteLocationNormalized) {
  if (!resumed) {
    await resume().catch(() => undefined);
    resumed = true;
  }
  if (to.name === 'signIn') return session.value ? { name: 'today' } : true;
  if (!session.value) return { name: 'signIn', query: to.fullPath === '/' ? {} : { ir: to.fullPath } };
  return maySee(to.meta.needs) ? true : { name: 'companies' };
}

router.beforeEach(guard);
router.afterEach((to, from) => {
  document.title = `${i18n.global.t(to.meta.title)} · Cofre`;
  // A new page: the screen reader begins at its head.
  if (from.name && from.path !== to.path) setTimeout(() => document.getElementById('contenido')?.focus());
});

// A page's code that is gone, since a newer version was installed meanwhile: loaded anew, once.
router.onError((error: unknown, to) => {
  const key = 'cofre.reloaded';
  if (!/dynamically imported|preload/i.test(String(error)) || sessionStorage.getItem(key) === to.fullPath) return;
  sessionStorage.setItem(key, to.fullPath);
  window.location.assign(to.fullPath);
});

client.onSignedOut = () => {
  if (!session.value) return;
  endSession();
  const here = router.currentRoute.value;
  if (here.name !== 'signIn') void router.push({ name: 'signIn', query: { ir: here.fullPath, fin: '1' } });
};
