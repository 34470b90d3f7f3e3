CREATE TABLE queue (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    visibility_ms INTEGER NOT NULL,
    delay_ms INTEGER NOT NULL,
    dead_letter_queue TEXT,
    max_receives INTEGER,
    created_at INTEGER NOT NULL
);

-- Instants are milliseconds since 1970. AUTOINCREMENT: a receipt must never fit a later message.
CREATE TABLE queued (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue INTEGER NOT NULL REFERENCES queue (id),
    message_id TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    visible_at INTEGER NOT NULL,
    receives INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    attributes TEXT,
    body TEXT NOT NULL
);
CREATE INDEX queued_in_order ON queued (queue, visible_at, id);

-- The big columns come last, so that a list of messages does not read them.
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    journey TEXT,
    step TEXT,
    sent_at INTEGER NOT NULL,
    provider_id TEXT NOT NULL,
    subject TEXT,
    preview TEXT NOT NULL,
    request TEXT NOT NULL,
    text TEXT,
    html TEXT
);
CREATE INDEX message_by_recipient ON message (recipient, id);
CREATE INDEX message_by_journey ON message (journey, step, id);
CREATE INDEX message_by_channel ON message (channel, id);
CREATE INDEX message_by_time ON message (channel, sent_at);

CREATE TABLE opted_out (
    phone TEXT PRIMARY KEY,
    opted_out_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE opted_in (
    phone TEXT PRIMARY KEY,
    opted_in_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE suppressed_address (
    address TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    suppressed_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE bus_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    put_at INTEGER NOT NULL,
    happened_at INTEGER,
    bus TEXT NOT NULL,
    source TEXT NOT NULL,
    detail_type TEXT NOT NULL,
    detail TEXT NOT NULL
);
