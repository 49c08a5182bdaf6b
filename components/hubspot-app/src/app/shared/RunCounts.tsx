import { Text } from '@hubspot/ui-extensions';
import React from 'react';

import type { Counts } from './answers';
import type { Column } from './DataTable';
import { DataTable } from './DataTable';
import { count } from './words';

/** What a run did, by kind of record. */
export function RunCounts({ counts }: { counts: Counts[] }) {
  if (counts.length === 0) {
    return <Text>Nothing was read.</Text>;
  }
  return <DataTable columns={COLUMNS} rows={counts} id={(row) => row.object} />;
}

const COLUMNS: Column<Counts>[] = [
  { title: 'Records', cell: (row) => row.label },
  { title: 'New', align: 'right', cell: (row) => count(row.created) },
  { title: 'Updated', align: 'right', cell: (row) => count(row.updated) },
  { title: 'Linked', align: 'right', cell: (row) => count(row.linked) },
  { title: 'Unchanged', align: 'right', cell: (row) => count(row.unchanged) },
  { title: 'Failed', align: 'right', cell: (row) => count(row.failed) },
];
