import type { CredentialSample } from './credential.ts';
import { type Row, refusalOf } from './row.ts';
import { ID_LIMIT } from './schema.ts';

type Drawn = Pick<Row, 'key_type' | 'profile' | 'revoked_at' | 'ends_at'>;

/**
 * @param size number of credentials that are looked at: all where there are no more, and otherwise some at random.
 * @returns those among them that are valid.
 */
export function drawSample(sql: SqlStorage, size: number): CredentialSample {
  const [{ count } = { count: 0 }] = sql.exec<{ count: number }>('SELECT count(*) AS count FROM credentials');
  const now = Date.now();
  const rows = count <= size ? sql.exec<Drawn>(`SELECT ${COLUMNS} FROM credentials`) : drawRows(sql, size);
  const drawn: { keyType: string; template: ArrayBuffer }[] = [];
  for (const row of rows) {
    if (refusalOf(row, now) === null) drawn.push({ keyType: row.key_type, template: row.profile });
  }
  return { count, drawn };
}

const COLUMNS = 'key_type, profile, revoked_at, ends_at';

function* drawRows(sql: SqlStorage, size: number): Generator<Drawn> {
  for (let draw = 0; draw < size; draw++) {
    // Numbers of rows are random themselves. Beyond the last one it goes on at the first.
    yield* sql.exec<Drawn>(
      `SELECT ${COLUMNS} FROM credentials
       WHERE id >= coalesce((SELECT id FROM credentials WHERE id >= ? ORDER BY id LIMIT 1), 0) ORDER BY id LIMIT 1`,
      Math.floor(Math.random() * ID_LIMIT),
    );
  }
}
