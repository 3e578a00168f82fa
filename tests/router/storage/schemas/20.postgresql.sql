CREATE FUNCTION public.audit_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit is append-only: its lines are neither changed nor removed'; END $$;
CREATE TABLE public.acknowledgements (
    id text NOT NULL COLLATE pg_catalog."C",
    principal text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    subject text NOT NULL COLLATE pg_catalog."C",
    purpose text NOT NULL,
    conditions text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    scopes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
CREATE TABLE public.asset_counts (
    owner text NOT NULL COLLATE pg_catalog."C",
    day text NOT NULL COLLATE pg_catalog."C",
    space text NOT NULL COLLATE pg_catalog."C",
    facet text NOT NULL COLLATE pg_catalog."C",
    pictures bigint NOT NULL
);
CREATE TABLE public.asset_parents (
    asset_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    parent_id text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL
);
CREATE TABLE public.asset_search (
    n bigint NOT NULL,
    asset_id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    space text NOT NULL COLLATE pg_catalog."C",
    prompt text NOT NULL,
    asset_type text NOT NULL,
    quality text NOT NULL,
    model text NOT NULL,
    loras text NOT NULL,
    colours text NOT NULL,
    words text NOT NULL,
    terms text NOT NULL,
    facets text NOT NULL,
    deleted_at timestamp with time zone,
    vector tsvector GENERATED ALWAYS AS (
CASE
    WHEN (deleted_at IS NULL) THEN array_to_tsvector(array_remove(string_to_array(((words || ' '::text) || terms), ' '::text), ''::text))
    ELSE NULL::tsvector
END) STORED
);
CREATE TABLE public.asset_tags (
    asset_id text NOT NULL COLLATE pg_catalog."C",
    tag text NOT NULL COLLATE pg_catalog."C",
    author text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.assets (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    space text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    job_id text COLLATE pg_catalog."C",
    idx integer,
    seq integer,
    seed bigint,
    width integer NOT NULL,
    height integer NOT NULL,
    licence text,
    notes text,
    seconds text,
    created_at timestamp with time zone NOT NULL,
    scores text,
    deleted_at timestamp with time zone,
    CONSTRAINT known_kind CHECK ((kind = ANY (ARRAY['drawn'::text, 'uploaded'::text])))
);
CREATE TABLE public.audit (
    seq integer NOT NULL,
    at timestamp with time zone NOT NULL,
    who text NOT NULL COLLATE pg_catalog."C",
    how text NOT NULL,
    key text COLLATE pg_catalog."C",
    action text NOT NULL COLLATE pg_catalog."C",
    on_kind text NOT NULL COLLATE pg_catalog."C",
    on_id text NOT NULL COLLATE pg_catalog."C",
    told text NOT NULL,
    request_id text NOT NULL
);
CREATE TABLE public.audit_head (
    seq integer NOT NULL
);
CREATE TABLE public.ballots (
    id text NOT NULL COLLATE pg_catalog."C",
    experiment_id text NOT NULL COLLATE pg_catalog."C",
    phase integer NOT NULL,
    rater text NOT NULL COLLATE pg_catalog."C",
    sitting integer NOT NULL,
    place integer NOT NULL,
    pair text NOT NULL COLLATE pg_catalog."C",
    once text NOT NULL COLLATE pg_catalog."C",
    arms text NOT NULL COLLATE pg_catalog."C",
    prompt text NOT NULL COLLATE pg_catalog."C",
    asset_type text NOT NULL COLLATE pg_catalog."C",
    quality text NOT NULL COLLATE pg_catalog."C",
    shown text NOT NULL,
    probability double precision NOT NULL,
    repeats text COLLATE pg_catalog."C",
    gold integer,
    leased_until timestamp with time zone NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.batches (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    space text DEFAULT 'home'::text NOT NULL COLLATE pg_catalog."C",
    asked text NOT NULL,
    lines integer NOT NULL,
    jobs integer NOT NULL,
    skipped text NOT NULL,
    lines_skipped integer NOT NULL,
    cancel_requested boolean NOT NULL,
    idempotency_key text COLLATE pg_catalog."C",
    body_sha256 text,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.champion_moves (
    asset_type text NOT NULL COLLATE pg_catalog."C",
    quality text NOT NULL COLLATE pg_catalog."C",
    revision integer NOT NULL,
    kind text NOT NULL,
    "overlay" text NOT NULL,
    canary text,
    actor text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    experiment_id text COLLATE pg_catalog."C",
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.champions (
    asset_type text NOT NULL COLLATE pg_catalog."C",
    quality text NOT NULL COLLATE pg_catalog."C",
    revision integer NOT NULL
);
CREATE TABLE public.code_tries (
    principal text NOT NULL COLLATE pg_catalog."C",
    failures integer NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.collection_items (
    collection_id text NOT NULL COLLATE pg_catalog."C",
    asset_id text NOT NULL COLLATE pg_catalog."C",
    "position" text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL,
    author text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.collections (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    space text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    notes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
CREATE TABLE public.comparison_picks (
    batch_id text NOT NULL COLLATE pg_catalog."C",
    prompt integer NOT NULL,
    choice text COLLATE pg_catalog."C",
    picked_at timestamp with time zone NOT NULL
);
CREATE TABLE public.device_codes (
    sha256 text NOT NULL COLLATE pg_catalog."C",
    user_code text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL,
    challenge text NOT NULL,
    interval_seconds integer NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    polled_at timestamp with time zone,
    approved_by text COLLATE pg_catalog."C"
);
CREATE TABLE public.device_tokens (
    sha256 text NOT NULL COLLATE pg_catalog."C",
    device text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    replaced_at timestamp with time zone
);
CREATE TABLE public.devices (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    client text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    revoked_at timestamp with time zone
);
CREATE TABLE public.event_streams (
    owner text NOT NULL COLLATE pg_catalog."C",
    last integer NOT NULL
);
CREATE TABLE public.experiment_events (
    experiment_id text NOT NULL COLLATE pg_catalog."C",
    seq integer NOT NULL,
    type text NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    payload text NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.experiment_phases (
    experiment_id text NOT NULL COLLATE pg_catalog."C",
    phase integer NOT NULL,
    version text NOT NULL,
    sha256 text NOT NULL,
    definition text NOT NULL,
    arms text NOT NULL,
    decision text,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);
CREATE TABLE public.experiment_runs (
    id text NOT NULL COLLATE pg_catalog."C",
    experiment_id text NOT NULL COLLATE pg_catalog."C",
    phase integer NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    prompt_set text COLLATE pg_catalog."C",
    next_line integer NOT NULL,
    total integer NOT NULL,
    skipped integer NOT NULL,
    dropped integer NOT NULL,
    gpu_seconds double precision NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);
CREATE TABLE public.experiments (
    id text NOT NULL COLLATE pg_catalog."C",
    phase integer NOT NULL,
    status text NOT NULL,
    exposure double precision NOT NULL,
    last_seq integer NOT NULL,
    changed_at timestamp with time zone NOT NULL
);
CREATE TABLE public.experiments_revision (
    revision bigint NOT NULL
);
CREATE SEQUENCE public.experiments_revision_revision_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.experiments_revision_revision_seq OWNED BY public.experiments_revision.revision;
CREATE TABLE public.favourites (
    principal text NOT NULL COLLATE pg_catalog."C",
    asset_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.files (
    asset_id text NOT NULL COLLATE pg_catalog."C",
    rendition text NOT NULL,
    "position" integer NOT NULL,
    media_type text NOT NULL,
    sha256 text NOT NULL,
    size_bytes bigint NOT NULL
);
CREATE TABLE public.fingerprints (
    asset_id text NOT NULL COLLATE pg_catalog."C",
    red integer,
    green integer,
    blue integer,
    detail text
);
CREATE TABLE public.idempotency (
    owner text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    body_sha256 text NOT NULL,
    job_id text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.job_arms (
    job_id text NOT NULL COLLATE pg_catalog."C",
    experiment_id text NOT NULL COLLATE pg_catalog."C",
    phase integer NOT NULL,
    assigned text NOT NULL COLLATE pg_catalog."C",
    served text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL,
    unit text NOT NULL COLLATE pg_catalog."C",
    pair text COLLATE pg_catalog."C",
    run_id text COLLATE pg_catalog."C",
    exposed_at timestamp with time zone
);
CREATE TABLE public.job_events (
    job_id text NOT NULL COLLATE pg_catalog."C",
    seq integer NOT NULL,
    type text NOT NULL,
    payload text NOT NULL,
    at timestamp with time zone NOT NULL,
    owner text COLLATE pg_catalog."C",
    number integer
);
CREATE TABLE public.job_origins (
    job_id text NOT NULL COLLATE pg_catalog."C",
    call text NOT NULL,
    parent_id text NOT NULL COLLATE pg_catalog."C",
    parent_asset text COLLATE pg_catalog."C",
    parent_index integer
);
CREATE TABLE public.jobs (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    status text NOT NULL,
    request text NOT NULL,
    plan text NOT NULL,
    licence text NOT NULL,
    progress double precision NOT NULL,
    estimated_seconds double precision NOT NULL,
    attempt integer NOT NULL,
    cancel_requested boolean NOT NULL,
    failure text,
    last_seq integer NOT NULL,
    lease_worker text,
    lease_token integer NOT NULL,
    lease_until timestamp with time zone,
    leased_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    space text DEFAULT 'home'::text NOT NULL COLLATE pg_catalog."C",
    kind text DEFAULT 'generate'::text NOT NULL,
    plan_version integer DEFAULT 1 NOT NULL,
    deployment text DEFAULT ''::text NOT NULL,
    pictures integer DEFAULT 0 NOT NULL,
    drawing_seconds double precision DEFAULT '0'::double precision NOT NULL,
    batch text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    line integer DEFAULT 0 NOT NULL,
    CONSTRAINT known_status CHECK ((status = ANY (ARRAY['queued'::text, 'processing'::text, 'complete'::text, 'failed'::text, 'canceled'::text]))),
    CONSTRAINT share CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision)))
);
CREATE TABLE public.library_entries (
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    sha256 text NOT NULL,
    body text NOT NULL,
    file text,
    author text NOT NULL COLLATE pg_catalog."C",
    notes text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.library_marks (
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    mark text NOT NULL COLLATE pg_catalog."C",
    version text NOT NULL COLLATE pg_catalog."C",
    moved_by text NOT NULL COLLATE pg_catalog."C",
    moved_at timestamp with time zone NOT NULL
);
CREATE TABLE public.library_moves (
    seq bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    mark text NOT NULL COLLATE pg_catalog."C",
    from_version text COLLATE pg_catalog."C",
    to_version text COLLATE pg_catalog."C",
    moved_by text NOT NULL COLLATE pg_catalog."C",
    moved_at timestamp with time zone NOT NULL,
    note text NOT NULL
);
CREATE TABLE public.library_revision (
    revision bigint NOT NULL
);
CREATE SEQUENCE public.library_revision_revision_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.library_revision_revision_seq OWNED BY public.library_revision.revision;
CREATE TABLE public.licence_grants (
    id text NOT NULL COLLATE pg_catalog."C",
    component text COLLATE pg_catalog."C",
    licence text COLLATE pg_catalog."C",
    space text COLLATE pg_catalog."C",
    purposes text NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone,
    reference text NOT NULL,
    recorded_by text NOT NULL COLLATE pg_catalog."C",
    recorded_at timestamp with time zone NOT NULL,
    revoked_by text COLLATE pg_catalog."C",
    revoked_at timestamp with time zone
);
CREATE TABLE public.loose_files (
    sha256 text NOT NULL,
    since timestamp with time zone NOT NULL
);
CREATE TABLE public.members (
    space text NOT NULL COLLATE pg_catalog."C",
    principal text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL
);
CREATE TABLE public.people_revision (
    revision bigint NOT NULL
);
CREATE SEQUENCE public.people_revision_revision_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.people_revision_revision_seq OWNED BY public.people_revision.revision;
CREATE TABLE public.principals (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    subject text COLLATE pg_catalog."C",
    roles text DEFAULT ''::text NOT NULL,
    token_roles text DEFAULT ''::text NOT NULL,
    seen_at timestamp with time zone,
    deactivated_at timestamp with time zone
);
CREATE TABLE public.quota_charges (
    job_id text NOT NULL COLLATE pg_catalog."C",
    subject text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    day text NOT NULL COLLATE pg_catalog."C",
    pictures integer NOT NULL,
    device_seconds double precision NOT NULL
);
CREATE TABLE public.quota_use (
    subject text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    day text NOT NULL COLLATE pg_catalog."C",
    pictures integer NOT NULL,
    device_seconds double precision NOT NULL
);
CREATE TABLE public.quotas (
    subject text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    limits text NOT NULL,
    set_by text NOT NULL COLLATE pg_catalog."C",
    set_at timestamp with time zone NOT NULL
);
CREATE TABLE public.rater_keys (
    rater text NOT NULL COLLATE pg_catalog."C",
    pseudonym text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.rates (
    work text NOT NULL COLLATE pg_catalog."C",
    seconds double precision NOT NULL,
    measured_at timestamp with time zone NOT NULL
);
CREATE TABLE public.run_lines (
    run_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    line text NOT NULL,
    noted_at timestamp with time zone NOT NULL
);
CREATE TABLE public.schema_compatibility (
    oldest_reader text NOT NULL
);
CREATE TABLE public.share_links (
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    target text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    space text NOT NULL COLLATE pg_catalog."C",
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT known_share CHECK ((kind = ANY (ARRAY['collection'::text, 'image'::text])))
);
CREATE TABLE public.signing_keys (
    name text NOT NULL COLLATE pg_catalog."C",
    secret text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.spaces (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    defaults text DEFAULT '{}'::text NOT NULL,
    archived_at timestamp with time zone
);
CREATE TABLE public.stage_outputs (
    job_id text NOT NULL COLLATE pg_catalog."C",
    idx integer NOT NULL,
    "position" integer NOT NULL,
    kind text NOT NULL,
    sha256 text NOT NULL,
    seconds text NOT NULL,
    notes text NOT NULL,
    weights text NOT NULL,
    scores text,
    environment text
);
CREATE TABLE public.upload_rights (
    picture_id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    said text NOT NULL,
    source text NOT NULL,
    said_by text NOT NULL COLLATE pg_catalog."C",
    said_at timestamp with time zone NOT NULL,
    cleared_by text COLLATE pg_catalog."C",
    cleared_at timestamp with time zone
);
CREATE TABLE public.votes (
    ballot_id text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    choice text NOT NULL,
    criteria text NOT NULL,
    dwell_ms integer,
    client text NOT NULL,
    revealed boolean NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.webhook_attempts (
    webhook text NOT NULL COLLATE pg_catalog."C",
    delivery text NOT NULL COLLATE pg_catalog."C",
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    seconds double precision NOT NULL,
    status integer,
    error text NOT NULL,
    answer text NOT NULL
);
CREATE TABLE public.webhook_deliveries (
    webhook text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL,
    subject text NOT NULL COLLATE pg_catalog."C",
    data text NOT NULL,
    at timestamp with time zone NOT NULL,
    state text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    CONSTRAINT known_state CHECK ((state = ANY (ARRAY['waiting'::text, 'pending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE TABLE public.webhooks (
    id text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C",
    space text NOT NULL COLLATE pg_catalog."C",
    scope text NOT NULL,
    url text NOT NULL,
    description text NOT NULL,
    events text NOT NULL,
    include text NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text DEFAULT ''::text NOT NULL,
    failing_since timestamp with time zone,
    paused_until timestamp with time zone,
    CONSTRAINT known_scope CHECK ((scope = ANY (ARRAY['own'::text, 'space'::text])))
);
ALTER TABLE ONLY public.experiments_revision ALTER COLUMN revision SET DEFAULT nextval('public.experiments_revision_revision_seq'::regclass);
ALTER TABLE ONLY public.library_revision ALTER COLUMN revision SET DEFAULT nextval('public.library_revision_revision_seq'::regclass);
ALTER TABLE ONLY public.people_revision ALTER COLUMN revision SET DEFAULT nextval('public.people_revision_revision_seq'::regclass);
INSERT INTO public.acknowledgements VALUES ('ack_1', 'ana', 'job', 'job_00000001', 'product', '', '2026-03-01 12:00:00+00');
INSERT INTO public.alembic_version VALUES ('0020');
INSERT INTO public.api_keys VALUES ('k0000001', 'dev', 'nightly', 'ab', '[]', '2026-03-01 12:00:00+00', '2026-06-01 12:00:00+00', NULL, NULL);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'month:2026-03', 6);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'kind:uploaded', 1);
INSERT INTO public.asset_counts VALUES ('ana', '2026-03-01', 'home', 'kind:uploaded', 1);
INSERT INTO public.asset_counts VALUES ('ben', '', 'home', 'month:2026-03', 1);
INSERT INTO public.asset_counts VALUES ('ben', '', 'home', 'kind:uploaded', 1);
INSERT INTO public.asset_counts VALUES ('ben', '2026-03-01', 'home', 'kind:uploaded', 1);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'kind:drawn', 5);
INSERT INTO public.asset_counts VALUES ('ana', '2026-03-01', 'home', 'kind:drawn', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'type:icon', 5);
INSERT INTO public.asset_counts VALUES ('ana', '2026-03-01', 'home', 'type:icon', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'quality:draft', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'model:mini', 5);
INSERT INTO public.asset_counts VALUES ('ana', '2026-03-01', 'home', 'model:mini', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'licence:apache-2.0', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'reference:allowed', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'internal:allowed', 5);
INSERT INTO public.asset_counts VALUES ('ana', '', 'home', 'product:conditional', 5);
INSERT INTO public.asset_search VALUES (3716921740492800000, 'pic_1', 'ana', 'home', '', '', '', '', '', '', '', 'zq06f0957265f399 zq1c926cf46c5395 zqa254a7a89073fb zqdf679e17eeda4a', 'kind:uploaded', NULL, DEFAULT);
INSERT INTO public.asset_search VALUES (3716921740492800001, 'pic_2', 'ben', 'home', '', '', '', '', '', '', '', 'zq06f0957265f399 zq1c926cf46c5395 zq1e69c0e9564685 zqa254a7a89073fb', 'kind:uploaded', NULL, DEFAULT);
INSERT INTO public.asset_search VALUES (3716921740492800002, 'pic_job_00000001_0', 'ana', 'home', 'a café ☕', 'icon', 'draft', 'mini', '', '', 'a cafe icon small', 'zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5', 'kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional', NULL, DEFAULT);
INSERT INTO public.asset_search VALUES (3716921740492800003, 'pic_job_00000001_1', 'ana', 'home', 'a café ☕', 'icon', 'draft', 'mini', '', '', 'a cafe icon small', 'zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5', 'kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional', NULL, DEFAULT);
INSERT INTO public.asset_search VALUES (3716921740492800004, 'pic_job_00000001_2', 'ana', 'home', 'a café ☕', 'icon', 'draft', 'mini', '', '', 'a cafe icon small', 'zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5', 'kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional', NULL, DEFAULT);
INSERT INTO public.asset_search VALUES (3716921740492800005, 'pic_job_00000001_3', 'ana', 'home', 'a café ☕', 'icon', 'draft', 'mini', '', '', 'a cafe icon small', 'zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5', 'kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional', NULL, DEFAULT);
INSERT INTO public.asset_search VALUES (3716921740492800006, 'pic_job_00000004_0', 'ana', 'home', 'a café ☕', 'icon', 'draft', 'mini', '', '', 'a cafe icon small', 'zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5', 'kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional', NULL, DEFAULT);
INSERT INTO public.assets VALUES ('pic_job_00000001_1', 'ana', 'home', 'drawn', 'job_00000001', 1, 4, 4294967294, 128, 128, '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', '["small"]', '{"base":0.5}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.assets VALUES ('pic_job_00000001_2', 'ana', 'home', 'drawn', 'job_00000001', 2, 5, 4294967293, 128, 128, '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', '["small"]', '{"base":0.5}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.assets VALUES ('pic_job_00000001_3', 'ana', 'home', 'drawn', 'job_00000001', 3, 6, 4294967292, 128, 128, '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', '["small"]', '{"base":0.5}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.assets VALUES ('pic_1', 'ana', 'home', 'uploaded', NULL, NULL, NULL, NULL, 640, 480, NULL, NULL, NULL, '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.assets VALUES ('pic_2', 'ben', 'home', 'uploaded', NULL, NULL, NULL, NULL, 640, 480, NULL, NULL, NULL, '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.assets VALUES ('pic_job_00000001_0', 'ana', 'home', 'drawn', 'job_00000001', 0, 3, 4294967295, 128, 128, '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', '["small"]', '{"base":0.5}', '2026-03-01 12:00:00+00', '{"fidelity": 0.5}', NULL);
INSERT INTO public.assets VALUES ('pic_job_00000004_0', 'ana', 'home', 'drawn', 'job_00000004', 0, 4, 4294967297, 128, 128, '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', '["small"]', '{"base":0.5}', '2026-03-01 12:00:00+00', '{"fidelity": 0.5}', NULL);
INSERT INTO public.audit VALUES (1, '2026-03-01 12:00:00+00', 'dev', 'dev', NULL, 'library.add', 'loras', 'inks', '{}', 'req_1');
INSERT INTO public.audit_head VALUES (1);
INSERT INTO public.batches VALUES ('batch_1', 'ana', 'home', '{"prompts": ["a cat"]}', 2, 1, '[]', 1, false, NULL, NULL, '2026-03-01 12:00:00+00');
INSERT INTO public.champion_moves VALUES ('icon', 'draft', 1, 'promote', '{}', NULL, 'ana', 'better', NULL, '2026-03-01 12:00:00+00');
INSERT INTO public.champions VALUES ('icon', 'draft', 1);
INSERT INTO public.collections VALUES ('col_1', 'ana', 'home', 'Clouds', '', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00');
INSERT INTO public.device_tokens VALUES ('cd', 'd0000001', 'refresh', '2026-06-01 12:00:00+00', NULL);
INSERT INTO public.devices VALUES ('d0000001', 'dev', 'cli', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.event_streams VALUES ('ana', 1);
INSERT INTO public.experiments_revision VALUES (1);
INSERT INTO public.files VALUES ('pic_job_00000001_0', 'png', 0, 'image/png', '0000000000000000000000000000000000000000000000000000000000000000', 100);
INSERT INTO public.files VALUES ('pic_job_00000001_0', 'webp', 1, 'image/webp', '0101010101010101010101010101010101010101010101010101010101010101', 100);
INSERT INTO public.files VALUES ('pic_job_00000001_1', 'png', 0, 'image/png', '1010101010101010101010101010101010101010101010101010101010101010', 101);
INSERT INTO public.files VALUES ('pic_job_00000001_1', 'webp', 1, 'image/webp', '1111111111111111111111111111111111111111111111111111111111111111', 101);
INSERT INTO public.files VALUES ('pic_job_00000001_2', 'png', 0, 'image/png', '2020202020202020202020202020202020202020202020202020202020202020', 102);
INSERT INTO public.files VALUES ('pic_job_00000001_2', 'webp', 1, 'image/webp', '2121212121212121212121212121212121212121212121212121212121212121', 102);
INSERT INTO public.files VALUES ('pic_job_00000001_3', 'png', 0, 'image/png', '3030303030303030303030303030303030303030303030303030303030303030', 103);
INSERT INTO public.files VALUES ('pic_job_00000001_3', 'webp', 1, 'image/webp', '3131313131313131313131313131313131313131313131313131313131313131', 103);
INSERT INTO public.files VALUES ('pic_job_00000004_0', 'png', 0, 'image/png', '0000000000000000000000000000000000000000000000000000000000000000', 1024);
INSERT INTO public.files VALUES ('pic_1', 'png', 0, 'image/png', 'abababababababababababababababababababababababababababababababab', 12345);
INSERT INTO public.files VALUES ('pic_2', 'png', 0, 'image/png', 'abababababababababababababababababababababababababababababababab', 12345);
INSERT INTO public.fingerprints VALUES ('pic_1', 1, 2, 3, '00');
INSERT INTO public.idempotency VALUES ('ana', 'key-1', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', 'job_00000001', '2026-03-01 12:00:00+00');
INSERT INTO public.idempotency VALUES ('eve', 'key-6', 'cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc', 'job_00000006', '2026-03-01 12:00:00+00');
INSERT INTO public.job_arms VALUES ('job_00000004', 'fewer', 1, 'half', 'half', 'split', 'ana', NULL, NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 2, 'job.started', '{"attempt":1}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 3, 'job.image', '{"image":{"index":0,"seed":4294967295,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":100},{"format":"webp","media_type":"image/webp","sha256":"0101010101010101010101010101010101010101010101010101010101010101","size_bytes":100}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 4, 'job.image', '{"image":{"index":1,"seed":4294967294,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"1010101010101010101010101010101010101010101010101010101010101010","size_bytes":101},{"format":"webp","media_type":"image/webp","sha256":"1111111111111111111111111111111111111111111111111111111111111111","size_bytes":101}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 5, 'job.image', '{"image":{"index":2,"seed":4294967293,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"2020202020202020202020202020202020202020202020202020202020202020","size_bytes":102},{"format":"webp","media_type":"image/webp","sha256":"2121212121212121212121212121212121212121212121212121212121212121","size_bytes":102}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 6, 'job.image', '{"image":{"index":3,"seed":4294967292,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"3030303030303030303030303030303030303030303030303030303030303030","size_bytes":103},{"format":"webp","media_type":"image/webp","sha256":"3131313131313131313131313131313131313131313131313131313131313131","size_bytes":103}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 7, 'job.complete', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000002', 1, 'job.queued', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000002', 2, 'job.started', '{"attempt":1}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000002', 3, 'job.failed', '{"code":"stage_failed","message":"the model was lost"}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000003', 1, 'job.queued', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000003', 2, 'job.canceled', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000004', 1, 'job.queued', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000004', 2, 'job.started', '{"attempt":1}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000004', 3, 'job.stage', '{"stage":"base","index":0}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000004', 4, 'job.image', '{"image":{"index":0,"seed":4294967297,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":1024}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000005', 1, 'job.queued', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000006', 1, 'job.queued', '{}', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.job_events VALUES ('job_00000001', 1, 'job.queued', '{}', '2026-03-01 12:00:00+00', 'ana', 1);
INSERT INTO public.job_origins VALUES ('job_00000005', 'like', 'job_00000004', NULL, 0);
INSERT INTO public.jobs VALUES ('job_00000001', 'ana', 'complete', '{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}', '{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}', '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', 1, 8, 1, false, NULL, 7, NULL, 1, NULL, '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', 'home', 'generate', 1, 'generator-mini', 4, 4, '', 0);
INSERT INTO public.jobs VALUES ('job_00000002', 'ben', 'failed', '{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}', '{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}', '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', 0, 8, 1, false, '{"code":"stage_failed","message":"the model was lost"}', 3, NULL, 1, NULL, '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', 'home', 'generate', 1, 'generator-mini', 4, 4, '', 0);
INSERT INTO public.jobs VALUES ('job_00000003', 'ben', 'canceled', '{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}', '{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}', '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', 0, 8, 0, true, NULL, 2, NULL, 0, NULL, NULL, '2026-03-01 12:00:00+00', NULL, '2026-03-01 12:00:00+00', 'home', 'generate', 1, 'generator-mini', 4, 4, '', 0);
INSERT INTO public.jobs VALUES ('job_00000004', 'ana', 'processing', '{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}', '{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}', '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', 0.25, 8, 1, false, NULL, 4, 'worker-2', 1, '2026-03-01 12:00:30+00', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', '2026-03-01 12:00:00+00', NULL, 'home', 'generate', 1, 'generator-mini', 4, 4, '', 0);
INSERT INTO public.jobs VALUES ('job_00000006', 'eve', 'queued', '{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}', '{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}', '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', 0, 8, 0, false, NULL, 1, NULL, 0, NULL, NULL, '2026-03-01 12:00:00+00', NULL, NULL, 'home', 'generate', 1, 'generator-mini', 4, 4, '', 0);
INSERT INTO public.jobs VALUES ('job_00000005', 'ana', 'queued', '{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}', '{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}', '{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}', 0, 8, 0, false, NULL, 1, NULL, 0, NULL, NULL, '2026-03-01 12:00:00+00', NULL, NULL, 'home', 'generate', 1, 'generator-mini', 4, 4, 'batch_1', 1);
INSERT INTO public.library_entries VALUES ('loras', 'ink', '1.0.0', 'cc', '{}', NULL, 'ana', '', '2026-03-01 12:00:00+00');
INSERT INTO public.library_marks VALUES ('loras', 'ink', 'live', '1.0.0', 'ana', '2026-03-01 12:00:00+00');
INSERT INTO public.library_moves VALUES (1, 'loras', 'ink', 'live', NULL, '1.0.0', 'ana', '2026-03-01 12:00:00+00', '');
INSERT INTO public.library_revision VALUES (0);
INSERT INTO public.licence_grants VALUES ('grant_1', 'model:mini', NULL, NULL, 'product', '2026-03-01 12:00:00+00', NULL, 'contract 7', 'dev', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.loose_files VALUES ('cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd', '2026-03-01 12:00:00+00');
INSERT INTO public.loose_files VALUES ('efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef', '2026-03-01 12:00:00+00');
INSERT INTO public.members VALUES ('home', 'dev', 'admin');
INSERT INTO public.members VALUES ('shoes', 'dev', 'lead');
INSERT INTO public.people_revision VALUES (0);
INSERT INTO public.principals VALUES ('dev', 'Developer', '2026-11-29 19:54:41.659545+00', NULL, '', '', NULL, NULL);
INSERT INTO public.quota_charges VALUES ('job_00000005', 'user', 'ana', '2026-03-01', 4, 8);
INSERT INTO public.quota_use VALUES ('user', 'ana', '2026-03-01', 8, 16);
INSERT INTO public.quotas VALUES ('user', 'ana', '{"pictures_per_day":100}', 'dev', '2026-03-01 12:00:00+00');
INSERT INTO public.rater_keys VALUES ('ana', 'r_1');
INSERT INTO public.schema_compatibility VALUES ('0005');
INSERT INTO public.signing_keys VALUES ('share', '27a8f51770891e7537d222cb6f3a0ba3b86fd56de63979c36ce8a16cd672d669', '2026-11-30 07:55:40.229059+00');
INSERT INTO public.spaces VALUES ('home', 'Home', '2026-11-29 19:54:41.659545+00', '{}', NULL);
INSERT INTO public.spaces VALUES ('shoes', 'Shoes', '2026-03-01 12:00:00+00', '{}', NULL);
INSERT INTO public.stage_outputs VALUES ('job_00000004', 1, 0, 'base', 'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee', '{"base":0.5}', '[]', 'mini', NULL, '{}');
INSERT INTO public.upload_rights VALUES ('pic_1', 'ana', 'unknown', '', 'ana', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.upload_rights VALUES ('pic_2', 'ben', 'unknown', '', 'ben', '2026-03-01 12:00:00+00', NULL, NULL);
INSERT INTO public.webhooks VALUES ('wh_1', 'ana', 'home', 'own', 'https://example.com/told', '', '[]', '[]', 'whsec_AAAA', NULL, NULL, '2026-11-30 12:00:00+00', NULL, '', NULL, NULL);
ALTER TABLE ONLY public.acknowledgements
    ADD CONSTRAINT acknowledgements_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.asset_counts
    ADD CONSTRAINT asset_counts_pkey PRIMARY KEY (owner, day, space, facet);
ALTER TABLE ONLY public.asset_parents
    ADD CONSTRAINT asset_parents_pkey PRIMARY KEY (asset_id, "position");
ALTER TABLE ONLY public.asset_search
    ADD CONSTRAINT asset_search_asset_id_key UNIQUE (asset_id);
ALTER TABLE ONLY public.asset_search
    ADD CONSTRAINT asset_search_pkey PRIMARY KEY (n);
ALTER TABLE ONLY public.asset_tags
    ADD CONSTRAINT asset_tags_pkey PRIMARY KEY (asset_id, tag);
ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.ballots
    ADD CONSTRAINT ballots_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.champion_moves
    ADD CONSTRAINT champion_moves_pkey PRIMARY KEY (asset_type, quality, revision);
ALTER TABLE ONLY public.champions
    ADD CONSTRAINT champions_pkey PRIMARY KEY (asset_type, quality);
ALTER TABLE ONLY public.code_tries
    ADD CONSTRAINT code_tries_pkey PRIMARY KEY (principal);
ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_pkey PRIMARY KEY (collection_id, asset_id);
ALTER TABLE ONLY public.collections
    ADD CONSTRAINT collections_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.comparison_picks
    ADD CONSTRAINT comparison_picks_pkey PRIMARY KEY (batch_id, prompt);
ALTER TABLE ONLY public.device_codes
    ADD CONSTRAINT device_codes_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.device_codes
    ADD CONSTRAINT device_codes_user_code_key UNIQUE (user_code);
ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT device_tokens_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.event_streams
    ADD CONSTRAINT event_streams_pkey PRIMARY KEY (owner);
ALTER TABLE ONLY public.experiment_events
    ADD CONSTRAINT experiment_events_pkey PRIMARY KEY (experiment_id, seq);
ALTER TABLE ONLY public.experiment_phases
    ADD CONSTRAINT experiment_phases_pkey PRIMARY KEY (experiment_id, phase);
ALTER TABLE ONLY public.experiment_runs
    ADD CONSTRAINT experiment_runs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.experiments
    ADD CONSTRAINT experiments_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.experiments_revision
    ADD CONSTRAINT experiments_revision_pkey PRIMARY KEY (revision);
ALTER TABLE ONLY public.favourites
    ADD CONSTRAINT favourites_pkey PRIMARY KEY (principal, asset_id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_pkey PRIMARY KEY (asset_id, rendition);
ALTER TABLE ONLY public.fingerprints
    ADD CONSTRAINT fingerprints_pkey PRIMARY KEY (asset_id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (owner, key);
ALTER TABLE ONLY public.job_arms
    ADD CONSTRAINT job_arms_pkey PRIMARY KEY (job_id);
ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_pkey PRIMARY KEY (job_id, seq);
ALTER TABLE ONLY public.job_origins
    ADD CONSTRAINT job_origins_pkey PRIMARY KEY (job_id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.library_entries
    ADD CONSTRAINT library_entries_pkey PRIMARY KEY (kind, id, version);
ALTER TABLE ONLY public.library_marks
    ADD CONSTRAINT library_marks_pkey PRIMARY KEY (kind, id, mark);
ALTER TABLE ONLY public.library_moves
    ADD CONSTRAINT library_moves_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.library_revision
    ADD CONSTRAINT library_revision_pkey PRIMARY KEY (revision);
ALTER TABLE ONLY public.licence_grants
    ADD CONSTRAINT licence_grants_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loose_files
    ADD CONSTRAINT loose_files_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (space, principal);
ALTER TABLE ONLY public.people_revision
    ADD CONSTRAINT people_revision_pkey PRIMARY KEY (revision);
ALTER TABLE ONLY public.principals
    ADD CONSTRAINT principals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.quota_charges
    ADD CONSTRAINT quota_charges_pkey PRIMARY KEY (job_id, subject);
ALTER TABLE ONLY public.quota_use
    ADD CONSTRAINT quota_use_pkey PRIMARY KEY (subject, id, day);
ALTER TABLE ONLY public.quotas
    ADD CONSTRAINT quotas_pkey PRIMARY KEY (subject, id);
ALTER TABLE ONLY public.rater_keys
    ADD CONSTRAINT rater_keys_pkey PRIMARY KEY (rater);
ALTER TABLE ONLY public.rater_keys
    ADD CONSTRAINT rater_keys_pseudonym_key UNIQUE (pseudonym);
ALTER TABLE ONLY public.rates
    ADD CONSTRAINT rates_pkey PRIMARY KEY (work);
ALTER TABLE ONLY public.run_lines
    ADD CONSTRAINT run_lines_pkey PRIMARY KEY (run_id, number);
ALTER TABLE ONLY public.schema_compatibility
    ADD CONSTRAINT schema_compatibility_pkey PRIMARY KEY (oldest_reader);
ALTER TABLE ONLY public.share_links
    ADD CONSTRAINT share_links_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.spaces
    ADD CONSTRAINT spaces_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stage_outputs
    ADD CONSTRAINT stage_outputs_pkey PRIMARY KEY (job_id, idx, "position");
ALTER TABLE ONLY public.upload_rights
    ADD CONSTRAINT upload_rights_pkey PRIMARY KEY (picture_id);
ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_pkey PRIMARY KEY (ballot_id, number);
ALTER TABLE ONLY public.webhook_attempts
    ADD CONSTRAINT webhook_attempts_pkey PRIMARY KEY (webhook, delivery, number);
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (webhook, id);
ALTER TABLE ONLY public.webhooks
    ADD CONSTRAINT webhooks_pkey PRIMARY KEY (id);
CREATE INDEX acknowledgements_of ON public.acknowledgements USING btree (subject, principal, purpose);
CREATE INDEX api_keys_of_owner ON public.api_keys USING btree (owner, id);
CREATE INDEX asset_children ON public.asset_parents USING btree (parent_id);
CREATE INDEX asset_counts_whole ON public.asset_counts USING btree (owner, space, facet, pictures) WHERE (day = ''::text);
CREATE INDEX asset_search_deleted ON public.asset_search USING btree (owner, n) WHERE (deleted_at IS NOT NULL);
CREATE INDEX asset_search_newest ON public.asset_search USING btree (owner, n) WHERE (deleted_at IS NULL);
CREATE INDEX asset_search_vector ON public.asset_search USING gin (vector) WITH (fastupdate=off);
CREATE INDEX assets_deleted ON public.assets USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE UNIQUE INDEX assets_of_job ON public.assets USING btree (job_id, idx);
CREATE INDEX assets_of_owner ON public.assets USING btree (owner, kind, id);
CREATE INDEX assets_of_space ON public.assets USING btree (space, kind, id) WHERE (space <> 'home'::text);
CREATE INDEX audit_by_action ON public.audit USING btree (action, seq);
CREATE INDEX audit_by_object ON public.audit USING btree (on_kind, on_id, seq);
CREATE INDEX audit_by_time ON public.audit USING btree (at);
CREATE INDEX audit_by_who ON public.audit USING btree (who, seq);
CREATE INDEX ballots_of_rater ON public.ballots USING btree (rater, experiment_id, phase);
CREATE UNIQUE INDEX ballots_once ON public.ballots USING btree (experiment_id, phase, once);
CREATE UNIQUE INDEX batches_by_key ON public.batches USING btree (owner, idempotency_key);
CREATE INDEX batches_of_owner ON public.batches USING btree (owner, id);
CREATE INDEX batches_of_space ON public.batches USING btree (space, id) WHERE (space <> 'home'::text);
CREATE INDEX charges_in_flight ON public.quota_charges USING btree (subject, id);
CREATE INDEX collections_of_owner ON public.collections USING btree (owner, id);
CREATE INDEX deliveries_by_time ON public.webhook_deliveries USING btree (at);
CREATE INDEX deliveries_pending ON public.webhook_deliveries USING btree (webhook, due_at, lease_until) WHERE (state = 'pending'::text);
CREATE INDEX deliveries_waiting ON public.webhook_deliveries USING btree (subject) WHERE (state = 'waiting'::text);
CREATE INDEX device_codes_by_end ON public.device_codes USING btree (expires_at);
CREATE INDEX devices_of_owner ON public.devices USING btree (owner, id);
CREATE UNIQUE INDEX events_of_owner ON public.job_events USING btree (owner, number) WHERE (owner IS NOT NULL);
CREATE INDEX favourites_of_asset ON public.favourites USING btree (asset_id);
CREATE INDEX files_by_content ON public.files USING btree (sha256);
CREATE INDEX fingerprints_by_colour ON public.fingerprints USING btree (red, green, blue);
CREATE INDEX items_in_order ON public.collection_items USING btree (collection_id, "position");
CREATE INDEX items_of_asset ON public.collection_items USING btree (asset_id);
CREATE INDEX job_descendants ON public.job_origins USING btree (parent_id);
CREATE INDEX jobs_of_arm ON public.job_arms USING btree (experiment_id, phase, assigned);
CREATE INDEX jobs_of_batch ON public.jobs USING btree (batch, id, status, progress, estimated_seconds, pictures) WHERE (batch <> ''::text);
CREATE INDEX jobs_of_owner ON public.jobs USING btree (owner, id);
CREATE INDEX jobs_of_pair ON public.job_arms USING btree (experiment_id, phase, pair);
CREATE INDEX jobs_of_space ON public.jobs USING btree (space, id) WHERE (space <> 'home'::text);
CREATE INDEX jobs_processing ON public.jobs USING btree (owner, lease_until) WHERE (status = 'processing'::text);
CREATE INDEX jobs_turns ON public.jobs USING btree (owner, leased_at);
CREATE INDEX jobs_unfinished ON public.jobs USING btree (owner, batch, id, status, lease_until, plan_version) WHERE (status = ANY (ARRAY['queued'::text, 'processing'::text]));
CREATE INDEX library_by_file ON public.library_entries USING btree (file);
CREATE INDEX library_moves_of_entry ON public.library_moves USING btree (kind, id, seq);
CREATE INDEX links_of_target ON public.share_links USING btree (target, id);
CREATE INDEX members_of_principal ON public.members USING btree (principal);
CREATE INDEX outputs_by_content ON public.stage_outputs USING btree (sha256);
CREATE UNIQUE INDEX principals_by_subject ON public.principals USING btree (subject);
CREATE INDEX runs_of_experiment ON public.experiment_runs USING btree (experiment_id, phase);
CREATE INDEX tokens_of_device ON public.device_tokens USING btree (device);
CREATE INDEX webhooks_of_owner ON public.webhooks USING btree (owner, id);
CREATE TRIGGER audit_is_not_changed BEFORE DELETE OR UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.audit_is_append_only();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_is_append_only();
ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_owner_fkey FOREIGN KEY (owner) REFERENCES public.principals(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.asset_parents
    ADD CONSTRAINT asset_parents_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.asset_search
    ADD CONSTRAINT asset_search_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.asset_tags
    ADD CONSTRAINT asset_tags_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.champion_moves
    ADD CONSTRAINT champion_moves_asset_type_quality_fkey FOREIGN KEY (asset_type, quality) REFERENCES public.champions(asset_type, quality);
ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES public.collections(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.comparison_picks
    ADD CONSTRAINT comparison_picks_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.device_codes
    ADD CONSTRAINT device_codes_approved_by_fkey FOREIGN KEY (approved_by) REFERENCES public.principals(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.device_tokens
    ADD CONSTRAINT device_tokens_device_fkey FOREIGN KEY (device) REFERENCES public.devices(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.devices
    ADD CONSTRAINT devices_owner_fkey FOREIGN KEY (owner) REFERENCES public.principals(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.experiment_events
    ADD CONSTRAINT experiment_events_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiments(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.experiment_phases
    ADD CONSTRAINT experiment_phases_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES public.experiments(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.favourites
    ADD CONSTRAINT favourites_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.files
    ADD CONSTRAINT files_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.fingerprints
    ADD CONSTRAINT fingerprints_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.job_arms
    ADD CONSTRAINT job_arms_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.job_events
    ADD CONSTRAINT job_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.job_origins
    ADD CONSTRAINT job_origins_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.library_marks
    ADD CONSTRAINT library_marks_kind_id_version_fkey FOREIGN KEY (kind, id, version) REFERENCES public.library_entries(kind, id, version);
ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_principal_fkey FOREIGN KEY (principal) REFERENCES public.principals(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.members
    ADD CONSTRAINT members_space_fkey FOREIGN KEY (space) REFERENCES public.spaces(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.quota_charges
    ADD CONSTRAINT quota_charges_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.run_lines
    ADD CONSTRAINT run_lines_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.experiment_runs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.stage_outputs
    ADD CONSTRAINT stage_outputs_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.votes
    ADD CONSTRAINT votes_ballot_id_fkey FOREIGN KEY (ballot_id) REFERENCES public.ballots(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhook_attempts
    ADD CONSTRAINT webhook_attempts_webhook_delivery_fkey FOREIGN KEY (webhook, delivery) REFERENCES public.webhook_deliveries(webhook, id) ON DELETE CASCADE;
ALTER TABLE ONLY public.webhook_deliveries
    ADD CONSTRAINT webhook_deliveries_webhook_fkey FOREIGN KEY (webhook) REFERENCES public.webhooks(id) ON DELETE CASCADE;
