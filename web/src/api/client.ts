// Requests to /api/v1: JSON both ways, the session's CSRF token on changes, and each failure as an ApiError.

import type { ProblemBody } from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: there was no answer
    readonly code: string, // of the problem's type: "changed_meanwhile", or "network"
    detail: string,
    readonly hint: string | null = null,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail);
  }
}

const problemPrefix = 'urn:cofre:problem:';

export async function errorOf(response: Response): Promise<ApiError> {
  const retry = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(retry) && retry > 0 ? retry : null;
  if (response.headers.get('Content-Type')?.startsWith('application/problem+json')) {
    const body = (await response.json().catch(() => null)) as ProblemBody | null;
    if (body) {
      return new ApiError(response.status, body.type.replace(problemPrefix, ''), body.detail, body.ayuda, retryAfter);
    }
  }
  return new ApiError(response.status, response.status === 401 ? 'not_signed_in' : 'internal', '', null, retryAfter);
}

export type Query = Record<string, string | number | null | undefined>;

// Leaves out what has no value.
export function withQuery(path: string, query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

export interface Answer<T> {
  body: T;
  etag: string | null;
}

interface Options {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  etag?: string; // sent as If-Match
  idempotencyKey?: string;
  signal?: AbortSignal;
}

export class Client {
  csrf: string | null = null;
  // Called when the session turns out to be over.
  onSignedOut: () => void = () => undefined;

  constructor(private readonly send: typeof fetch = (...given) => fetch(...given)) {}

  async ask<T>(path: string, options: Options = {}): Promise<Answer<T>> {
    const method = options.method ?? 'GET';
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (options.body !== undefined) headers['Content-Type'] = 'application/json';
    if (method !== 'GET' && this.csrf) headers['X-CSRF-Token'] = this.csrf;
    if (options.etag) headers['If-Match'] = options.etag;
    if (options.idempotencyKey) headers['Idempotency-Key'] = options.idempotencyKey;
    let response: Response;
    try {
      response = await this.send(`/api/v1${path}`, {
        method,
        headers,
        credentials: 'same-origin',
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
        ...(options.signal ? { signal: options.signal } : {}),
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ApiError(0, 'network', '');
    }
    if (!response.ok) {
      const error = await errorOf(response);
      if (error.code === 'not_signed_in') this.onSignedOut();
      throw error;
    }
    const body = response.status === 204 ? undefined : await response.json();
    return { body: body as T, etag: response.headers.get('ETag') };
  }

  async get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return (await this.ask<T>(withQuery(path, query), signal ? { signal } : {})).body;
  }
}
