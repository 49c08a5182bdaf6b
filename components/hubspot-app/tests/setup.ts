import { afterEach, beforeEach, vi } from 'vitest';

// HubSpot's renderer for tests answers no `hubspot.fetch`: see `application.ts`.
vi.stubGlobal('self', globalThis);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});
