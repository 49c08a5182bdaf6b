import { useCallback, useEffect, useRef, useState } from 'react';

import type { Syncing } from './answers';
import type { Answer, Failure, Success } from './api';

export type Loaded<T> = { state: 'loading' } | { state: 'failed'; failure: Failure } | { state: 'ready'; data: T };

export interface Load<T> {
  loaded: Loaded<T>;
  /** Asks again; what is shown stays until the answer is there. */
  reload: () => Promise<Answer<T>>;
  /** Shows what another call answered. */
  show: (data: T) => void;
}

/** Asks when the component appears, and when `ask` changes. An answer that comes late never covers a newer one. */
export function useLoaded<T>(ask: () => Promise<Answer<T>>): Load<T> {
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const mine = (asked.current += 1);
    const answer = await ask();
    if (mine === asked.current) {
      setLoaded(answer.ok ? { state: 'ready', data: answer } : { state: 'failed', failure: answer });
    }
    return answer;
  }, [ask]);
  useEffect(() => {
    setLoaded({ state: 'loading' });
    void reload();
    return () => {
      asked.current += 1;
    };
  }, [reload]);
  const show = useCallback((data: T) => {
    asked.current += 1;
    setLoaded({ state: 'ready', data });
  }, []);
  return { loaded, reload, show };
}

export interface Doing<T> {
  busy: boolean;
  failure: Failure | null;
  /** Does it, unless it is being done already; what it answered, none where it failed. */
  run: (work: () => Promise<Answer<T>>) => Promise<Success<T> | null>;
}

/** Something that a button does: busy meanwhile, and afterwards perhaps failed. */
export function useDoing<T>(): Doing<T> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const under = useRef(false);
  const run = useCallback(async (work: () => Promise<Answer<T>>) => {
    if (under.current) {
      return null;
    }
    under.current = true;
    setBusy(true);
    setFailure(null);
    const answer = await work();
    under.current = false;
    setBusy(false);
    if (answer.ok) {
      return answer;
    }
    setFailure(answer);
    return null;
  }, []);
  return { busy, failure, run };
}

/** How a sync stands, by what was answered; none where nothing was. */
export function syncingOf(answer: Answer<{ syncing: Syncing }>): Syncing | null {
  return answer.ok ? answer.syncing : null;
}
