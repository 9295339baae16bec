/** The tables of an execution; `docs/storage.md` says who writes them and how long they stay. */
const statements = [
  "CREATE TABLE IF NOT EXISTS execution (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS job (job_id TEXT PRIMARY KEY, position INTEGER NOT NULL, state TEXT NOT NULL)",
  `CREATE TABLE IF NOT EXISTS spec (job_id TEXT NOT NULL, round INTEGER NOT NULL, chunk INTEGER NOT NULL,
     key_id TEXT NOT NULL, iv BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (job_id, round, chunk))`,
  "CREATE TABLE IF NOT EXISTS result (job_id TEXT PRIMARY KEY, round INTEGER NOT NULL, body TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS effect (id INTEGER PRIMARY KEY AUTOINCREMENT, created_at INTEGER NOT NULL, body TEXT NOT NULL)",
  `CREATE TABLE IF NOT EXISTS event (cursor INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, job_id TEXT,
     round INTEGER, attempt INTEGER, instance TEXT, seq INTEGER, span INTEGER, bytes INTEGER NOT NULL, body TEXT NOT NULL)`,
  "CREATE UNIQUE INDEX IF NOT EXISTS event_once ON event (job_id, attempt, seq) WHERE seq IS NOT NULL",
  "CREATE INDEX IF NOT EXISTS event_span ON event (job_id, span) WHERE span IS NOT NULL",
  "CREATE TABLE IF NOT EXISTS log_size (id INTEGER PRIMARY KEY CHECK (id = 1), events INTEGER NOT NULL, bytes INTEGER NOT NULL)",
  "INSERT OR IGNORE INTO log_size (id, events, bytes) VALUES (1, 0, 0)",
  "CREATE TABLE IF NOT EXISTS head (job_id TEXT PRIMARY KEY, round INTEGER NOT NULL, cursor INTEGER NOT NULL, hash TEXT NOT NULL)",
  "CREATE TABLE IF NOT EXISTS told (job_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, gist TEXT NOT NULL, at INTEGER NOT NULL)",
];

export function ensureTables(sql: SqlStorage): void {
  for (const statement of statements) sql.exec(statement);
}

export function hasTables(sql: SqlStorage): boolean {
  return (
    sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'execution'").toArray().length > 0
  );
}
