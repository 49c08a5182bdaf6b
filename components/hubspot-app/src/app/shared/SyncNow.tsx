import { LoadingButton, Text } from '@hubspot/ui-extensions';
import React, { useCallback, useEffect, useRef, useState } from 'react';

import type { Queued, Syncing } from './answers';
import type { Answer } from './api';
import { NotDone } from './Failed';
import { useDoing } from './useLoaded';

interface Props {
  /** Asks for the sync. */
  ask: () => Promise<Answer<Queued>>;
  /** How it stands, as far as is known. */
  syncing: Syncing;
  /** Looks how it stands now, and shows it; none where that did not work. */
  look: () => Promise<Syncing | null>;
}

/** How often a sync that is under way is looked at, in milliseconds. */
const POLL = 3_000;
/** Looks after which a page stops asking by itself: five minutes. */
const LOOKS = 100;

const PROGRESS = { no: null, queued: 'Waiting for its turn …', running: 'Syncing now …' };

/** Starts a sync and tells how it goes on, until it is through. */
export function SyncNow({ ask, syncing, look }: Props) {
  const { busy, failure, run } = useDoing<Queued>();
  const [message, setMessage] = useState<string | null>(null);
  const watch = useWatch(look, () => setMessage('Done.'));

  // Also one that somebody else began, and that is under way when the page is opened.
  const first = useRef(syncing);
  useEffect(() => {
    if (first.current !== 'no') {
      watch(POLL);
    }
  }, [watch]);

  const start = async () => {
    const queued = await run(ask);
    if (queued !== null) {
      setMessage(queued.message);
      await look();
      watch(queued.poll_after);
    }
  };

  const progress = PROGRESS[syncing];
  return (
    <>
      <LoadingButton variant="primary" size="sm" loading={busy || syncing !== 'no'} onClick={() => void start()}>
        Sync now
      </LoadingButton>
      {progress !== null && <Text>{progress}</Text>}
      {message !== null && <Text variant="microcopy">{message}</Text>}
      {failure !== null && <NotDone failure={failure} />}
    </>
  );
}

/** Looks again and again, at a pace in milliseconds, until nothing is under way any more, or the page is left. */
function useWatch(look: Props['look'], done: () => void): (pace: number) => void {
  const latest = useRef({ look, done });
  latest.current = { look, done };
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const watching = useRef(false);
  useEffect(() => {
    const stop = timer;
    return () => {
      watching.current = false;
      clearTimeout(stop.current ?? undefined);
    };
  }, []);
  return useCallback((pace: number) => {
    if (watching.current) {
      return;
    }
    watching.current = true;
    const again = (left: number) => {
      timer.current = setTimeout(() => {
        void latest.current.look().then((now) => {
          if (!watching.current) {
            return;
          }
          if (now !== 'no' && left > 0) {
            again(left - 1);
            return;
          }
          watching.current = false;
          if (now === 'no') {
            latest.current.done();
          }
        });
      }, pace);
    };
    again(LOOKS);
  }, []);
}
