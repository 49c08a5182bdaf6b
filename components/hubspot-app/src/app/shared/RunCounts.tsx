import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow, Text } from '@hubspot/ui-extensions';
import React from 'react';

import type { Counts } from './answers';
import { count } from './words';

/** What a run did, by kind of record. */
export function RunCounts({ counts }: { counts: Counts[] }) {
  if (counts.length === 0) {
    return <Text>Nothing was read.</Text>;
  }
  return (
    <Table density="condensed">
      <TableHead>
        <TableRow>
          <TableHeader>Records</TableHeader>
          <TableHeader align="right">New</TableHeader>
          <TableHeader align="right">Updated</TableHeader>
          <TableHeader align="right">Linked</TableHeader>
          <TableHeader align="right">Unchanged</TableHeader>
          <TableHeader align="right">Failed</TableHeader>
        </TableRow>
      </TableHead>
      <TableBody>
        {counts.map((row) => (
          <TableRow key={row.object}>
            <TableCell>{row.label}</TableCell>
            <TableCell align="right">{count(row.created)}</TableCell>
            <TableCell align="right">{count(row.updated)}</TableCell>
            <TableCell align="right">{count(row.linked)}</TableCell>
            <TableCell align="right">{count(row.unchanged)}</TableCell>
            <TableCell align="right">{count(row.failed)}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
