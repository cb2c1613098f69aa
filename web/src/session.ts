// Who has signed in, and what he may do.

import { computed, ref } from 'vue';
import { api, client } from './api/cofre';
import type { Session } from './api/types';
import { ApiError } from './api/client';
import { closeLive } from './live';

export const session = ref<Session | null>(null);
export const serviceZone = ref<string | undefined>(undefined); // the fleet's; undefined: the browser's

export const mayOperate = computed(() => session.value?.puede_operar ?? false);
// What is in backups: download it, and hand out links to it.
export const mayFetch = computed(() => mayOperate.value || session.value?.rol === 'company');
export const mayAdminister = computed(() => session.value?.puede_administrar ?? false);
export const seesAll = computed(() => session.value !== null && session.value.rol !== 'company');

async function begin(with_: Session): Promise<void> {
  client.csrf = with_.csrf;
  session.value = with_;
  if (with_.rol === 'company') return;
  const zone = (await api.settings().catch(() => null))?.zona_horaria;
  if (typeof zone === 'string') serviceZone.value = zone;
}

export function endSession(): void {
  closeLive();
  client.csrf = null;
  session.value = null;
}

// At the page's start: goes on with the session of the cookie, if there is one.
export async function resume(): Promise<void> {
  try {
    await begin(await api.session());
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 'network') throw error;
  }
}

export async function signIn(user: string, password: string, code: string): Promise<void> {
  await begin(await api.signIn(user, password, code));
}

export async function signOut(): Promise<void> {
  await api.signOut().catch(() => undefined);
  endSession();
}
