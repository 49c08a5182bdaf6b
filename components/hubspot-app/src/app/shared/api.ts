import { hubspot } from '@hubspot/ui-extensions';

/** Something that was not done, in words. */
export interface Failure {
  ok: false;
  code: string;
  message: string;
  /** What to do about it. */
  action: string | null;
  /** What to quote to support. */
  reference: string | null;
}

export type Success<T> = T & { ok: true };
export type Answer<T> = Success<T> | Failure;

/** What is asked of the application. HubSpot signs each call, and says by itself who asks. */
export interface Api {
  /** Scheme and host of the application; none where the app was uploaded without. */
  address: string | null;
  get<T>(path: string, query?: Record<string, string>): Promise<Answer<T>>;
  post<T>(path: string, body: Record<string, unknown>): Promise<Answer<T>>;
}

/** Milliseconds after which HubSpot's proxy gives up: a live look at both systems takes some seconds. */
const TIMEOUT = 20_000;

/** The name of the profile's variable that says where the application is. */
export const ADDRESS = 'PUBLIC_URL';

/** The application under the address that the app was uploaded with. */
export function api(variables: Record<string, unknown> | undefined): Api {
  const address = variables?.[ADDRESS];
  if (typeof address !== 'string' || address === '') {
    const failure = failed(
      'not_configured',
      'This app was uploaded without the address of its server.',
      'Ask whoever runs 300Sync for you to set it and to upload the app again.',
    );
    return { address: null, get: () => Promise.resolve(failure), post: () => Promise.resolve(failure) };
  }
  const base = address.replace(/\/+$/, '');
  return {
    address: base,
    get: (path, query = {}) => {
      const text = Object.entries(query)
        .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        .join('&');
      return ask(text === '' ? base + path : `${base}${path}?${text}`, { method: 'GET', timeout: TIMEOUT });
    },
    post: (path, body) => ask(base + path, { method: 'POST', timeout: TIMEOUT, body }),
  };
}

async function ask<T>(url: string, options: Parameters<typeof hubspot.fetch>[1]): Promise<Answer<T>> {
  try {
    const response = await hubspot.fetch(url, options);
    // Expected failures are answered with 200: any other status is the proxy's, and its body says nothing.
    if (response.status === 429) {
      return failed('busy', 'HubSpot is passing on too many requests at once.', 'Try again in a minute.');
    }
    return response.ok ? read<T>(await response.json()) : unreachable();
  } catch {
    return unreachable();
  }
}

function read<T>(body: unknown): Answer<T> {
  if (!isObject(body) || typeof body['ok'] !== 'boolean') {
    return unreachable();
  }
  if (body['ok']) {
    return body as Success<T>;
  }
  const text = (name: string) => (typeof body[name] === 'string' ? body[name] : null);
  return {
    ok: false,
    code: text('code') ?? 'unknown',
    message: text('message') ?? 'This did not work.',
    action: text('action'),
    reference: text('request_id'),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreachable(): Failure {
  return failed('unreachable', '300Sync does not answer at the moment.', 'Nothing is lost. Try again in a minute.');
}

function failed(code: string, message: string, action: string): Failure {
  return { ok: false, code, message, action, reference: null };
}
