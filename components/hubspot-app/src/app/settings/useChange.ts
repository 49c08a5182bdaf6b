import type { Api, Failure, Settings } from '@sync300/shared';
import { useDoing } from '@sync300/shared';
import { useCallback, useState } from 'react';

export interface Change {
  busy: boolean;
  failure: Failure | null;
  /** Whether a change was stored, and nothing was asked for since. */
  saved: boolean;
  /** Sends a change, made from the version that is shown; whether it was stored. */
  save: (path: '/cards/settings' | '/cards/mappings', body: Record<string, unknown>) => Promise<boolean>;
}

/** What every section is given. */
export interface Part {
  api: Api;
  settings: Settings;
  change: Change;
}

/**
 * Changes settings. A change names the version that it was made from, so that of two admins the second sees what the first
 * did: then nothing is stored, and the settings are shown as they are now.
 */
export function useChange(
  api: Api,
  settings: Settings | null,
  show: (settings: Settings) => void,
  reload: () => Promise<unknown>,
): Change {
  const { busy, failure, run } = useDoing<Settings>();
  const [saved, setSaved] = useState(false);
  const save = useCallback<Change['save']>(
    async (path, body) => {
      if (settings === null) {
        return false;
      }
      setSaved(false);
      let lost = false;
      const stored = await run(async () => {
        const { connection, version } = settings;
        const answer = await api.post<Settings>(path, { ...body, connection, version });
        lost = !answer.ok && answer.code === 'settings_changed';
        return answer;
      });
      if (stored !== null) {
        show(stored);
        setSaved(true);
      } else if (lost) {
        await reload();
      }
      return stored !== null;
    },
    [api, settings, run, show, reload],
  );
  return { busy, failure, saved, save };
}
