// One event stream for the whole page. Pages say what they want to hear; the stream lives while anybody listens.

import { onBeforeUnmount, ref } from 'vue';
import { client } from './api/cofre';
import { openEvents } from './api/events';
import type { Job } from './api/types';

export const live = ref(true); // false: the connection is lost, and what is shown may be old

interface Listener {
  job: (job: Job) => void;
  reload: () => void; // what happened meanwhile is not known: read anew
}
const listeners = new Set<Listener>();
let close: (() => void) | null = null;

function open(): void {
  close = openEvents({
    onEvent: (event) => {
      if (event.name === 'reinicio') for (const one of listeners) one.reload();
      if (event.name !== 'tarea') return;
      const job = JSON.parse(event.data) as Job;
      for (const one of listeners) one.job(job);
    },
    onState: (connected) => {
      live.value = connected;
    },
    onSignedOut: () => client.onSignedOut(),
  });
}

export function closeLive(): void {
  close?.();
  close = null;
  live.value = true;
}

export function useLive(listener: Listener): void {
  listeners.add(listener);
  if (!close) open();
  onBeforeUnmount(() => {
    listeners.delete(listener);
  });
}
