import type { definitions } from './actions.mjs';

export const WEBHOOKS: string;
export function webhooks(): Promise<Awaited<ReturnType<typeof definitions>>[string]>;
