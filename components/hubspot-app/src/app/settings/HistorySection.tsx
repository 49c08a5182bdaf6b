import { Alert, Button, Flex, Text, TextArea } from '@hubspot/ui-extensions';
import type { Api, CsvFile } from '@sync300/shared';
import { NotDone, RunList, useDoing } from '@sync300/shared';
import React, { useState } from 'react';

interface Props {
  api: Api;
  connection: string;
  copy: (text: string) => Promise<void>;
  /** When somebody answers. */
  support: string;
}

/** What was synced when, and the same as CSV: HubSpot lets a page save no file, so it goes to the clipboard. */
export function HistorySection({ api, connection, copy, support }: Props) {
  const { busy, failure, run } = useDoing<CsvFile>();
  const [file, setFile] = useState<CsvFile | null>(null);
  const [copied, setCopied] = useState(false);
  const fetch = async () => {
    const csv = await run(() => api.get<CsvFile>('/cards/history.csv', { connection }));
    setFile(csv);
    setCopied(csv !== null && (await copying(copy, csv.csv)));
  };
  return (
    <Flex direction="column" gap="medium">
      <RunList api={api} connection={connection} />
      <Flex direction="row" gap="small" align="center" wrap>
        <Button variant="secondary" disabled={busy} onClick={() => void fetch()}>
          Copy the history as CSV
        </Button>
        <Text variant="microcopy">To look at in a spreadsheet, or to send to support. {support}</Text>
      </Flex>
      {failure !== null && <NotDone failure={failure} />}
      {file !== null && copied && (
        <Alert title="Copied" variant="success">
          <Text>
            Paste it into a spreadsheet or a message. {file.cut && 'The oldest runs are left out: there are too many.'}
          </Text>
        </Alert>
      )}
      {file !== null && !copied && (
        <TextArea
          label={file.name}
          name="csv"
          description="The clipboard cannot be reached. Select the text, and copy it."
          value={file.csv}
          rows={8}
          readOnly
        />
      )}
    </Flex>
  );
}

async function copying(copy: Props['copy'], text: string): Promise<boolean> {
  try {
    await copy(text);
    return true;
  } catch {
    return false;
  }
}
