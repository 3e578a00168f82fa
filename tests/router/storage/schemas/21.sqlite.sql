BEGIN TRANSACTION;
CREATE TABLE acknowledgements (
	id TEXT NOT NULL, 
	principal TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	conditions TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "acknowledgements" VALUES('ack_1','ana','job','job_00000001','product','','2026-03-01 12:00:00');
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0021');
CREATE TABLE api_keys (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	name TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(owner) REFERENCES principals (id) ON DELETE CASCADE
);
INSERT INTO "api_keys" VALUES('k0000001','dev','nightly','ab','[]','2026-03-01 12:00:00','2026-06-01 12:00:00',NULL,NULL);
CREATE TABLE asset_counts (
	owner TEXT NOT NULL, 
	day TEXT NOT NULL, 
	space TEXT NOT NULL, 
	facet TEXT NOT NULL, 
	pictures BIGINT NOT NULL, 
	PRIMARY KEY (owner, day, space, facet)
)
 WITHOUT ROWID

;
INSERT INTO "asset_counts" VALUES('ana','','home','internal:allowed',5);
INSERT INTO "asset_counts" VALUES('ana','','home','kind:drawn',5);
INSERT INTO "asset_counts" VALUES('ana','','home','kind:uploaded',1);
INSERT INTO "asset_counts" VALUES('ana','','home','licence:apache-2.0',5);
INSERT INTO "asset_counts" VALUES('ana','','home','model:mini',5);
INSERT INTO "asset_counts" VALUES('ana','','home','month:2026-03',6);
INSERT INTO "asset_counts" VALUES('ana','','home','product:conditional',5);
INSERT INTO "asset_counts" VALUES('ana','','home','quality:draft',5);
INSERT INTO "asset_counts" VALUES('ana','','home','reference:allowed',5);
INSERT INTO "asset_counts" VALUES('ana','','home','type:icon',5);
INSERT INTO "asset_counts" VALUES('ana','2026-03-01','home','kind:drawn',5);
INSERT INTO "asset_counts" VALUES('ana','2026-03-01','home','kind:uploaded',1);
INSERT INTO "asset_counts" VALUES('ana','2026-03-01','home','model:mini',5);
INSERT INTO "asset_counts" VALUES('ana','2026-03-01','home','type:icon',5);
INSERT INTO "asset_counts" VALUES('ben','','home','kind:uploaded',1);
INSERT INTO "asset_counts" VALUES('ben','','home','month:2026-03',1);
INSERT INTO "asset_counts" VALUES('ben','2026-03-01','home','kind:uploaded',1);
CREATE TABLE asset_parents (
	asset_id TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	parent_id TEXT NOT NULL, 
	role TEXT NOT NULL, 
	PRIMARY KEY (asset_id, position), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
);
CREATE TABLE asset_search (
	n INTEGER NOT NULL, 
	asset_id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	space TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	asset_type TEXT NOT NULL, 
	quality TEXT NOT NULL, 
	model TEXT NOT NULL, 
	loras TEXT NOT NULL, 
	colours TEXT NOT NULL, 
	words TEXT NOT NULL, 
	terms TEXT NOT NULL, 
	facets TEXT NOT NULL, 
	deleted_at DATETIME, 
	PRIMARY KEY (n), 
	UNIQUE (asset_id), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
);
INSERT INTO "asset_search" VALUES(3716921740492800000,'pic_1','ana','home','','','','','','','','zq06f0957265f399 zq1c926cf46c5395 zqa254a7a89073fb zqdf679e17eeda4a','kind:uploaded',NULL);
INSERT INTO "asset_search" VALUES(3716921740492800001,'pic_2','ben','home','','','','','','','','zq06f0957265f399 zq1c926cf46c5395 zq1e69c0e9564685 zqa254a7a89073fb','kind:uploaded',NULL);
INSERT INTO "asset_search" VALUES(3716921740492800002,'pic_job_00000001_0','ana','home','a café ☕','icon','draft','mini','','','a cafe icon small','zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5','kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional',NULL);
INSERT INTO "asset_search" VALUES(3716921740492800003,'pic_job_00000001_1','ana','home','a café ☕','icon','draft','mini','','','a cafe icon small','zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5','kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional',NULL);
INSERT INTO "asset_search" VALUES(3716921740492800004,'pic_job_00000001_2','ana','home','a café ☕','icon','draft','mini','','','a cafe icon small','zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5','kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional',NULL);
INSERT INTO "asset_search" VALUES(3716921740492800005,'pic_job_00000001_3','ana','home','a café ☕','icon','draft','mini','','','a cafe icon small','zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5','kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional',NULL);
INSERT INTO "asset_search" VALUES(3716921740492800006,'pic_job_00000004_0','ana','home','a café ☕','icon','draft','mini','','','a cafe icon small','zq06f0957265f399 zq1534cfa997a55c zq1c926cf46c5395 zq4ccff581e36d39 zq7d13742ae23a54 zqac9361936ce17c zqba9bc18b2ad35b zqc7db21d4ab49c6 zqc81f790c618d3c zqdf679e17eeda4a zqf3e047b56bd1f5','kind:drawn
type:icon
quality:draft
model:mini
licence:apache-2.0
reference:allowed
internal:allowed
product:conditional',NULL);
CREATE TABLE asset_tags (
	asset_id TEXT NOT NULL, 
	tag TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (asset_id, tag), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE VIRTUAL TABLE asset_words USING fts5(words, terms, content='asset_words_content', content_rowid='n', tokenize='ascii', detail=none, prefix='2 3 4 5 6');
CREATE TABLE assets (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	space TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT known_kind CHECK (kind IN ('drawn', 'uploaded')), 
	job_id TEXT, 
	idx INTEGER, 
	seq INTEGER, 
	seed BIGINT, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	licence TEXT, 
	notes TEXT, 
	seconds TEXT, 
	created_at DATETIME NOT NULL, scores TEXT, deleted_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "assets" VALUES('pic_job_00000001_0','ana','home','drawn','job_00000001',0,3,4294967295,128,128,'{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}','2026-03-01 12:00:00.000000','{"fidelity": 0.5}',NULL);
INSERT INTO "assets" VALUES('pic_job_00000001_1','ana','home','drawn','job_00000001',1,4,4294967294,128,128,'{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "assets" VALUES('pic_job_00000001_2','ana','home','drawn','job_00000001',2,5,4294967293,128,128,'{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "assets" VALUES('pic_job_00000001_3','ana','home','drawn','job_00000001',3,6,4294967292,128,128,'{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "assets" VALUES('pic_job_00000004_0','ana','home','drawn','job_00000004',0,4,4294967297,128,128,'{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}','2026-03-01 12:00:00.000000','{"fidelity": 0.5}',NULL);
INSERT INTO "assets" VALUES('pic_1','ana','home','uploaded',NULL,NULL,NULL,NULL,640,480,NULL,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "assets" VALUES('pic_2','ben','home','uploaded',NULL,NULL,NULL,NULL,640,480,NULL,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,NULL);
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	who TEXT NOT NULL, 
	how TEXT NOT NULL, 
	"key" TEXT, 
	action TEXT NOT NULL, 
	on_kind TEXT NOT NULL, 
	on_id TEXT NOT NULL, 
	told TEXT NOT NULL, 
	request_id TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "audit" VALUES(1,'2026-03-01 12:00:00','dev','dev',NULL,'library.add','loras','inks','{}','req_1');
CREATE TABLE audit_head (
	seq INTEGER NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "audit_head" VALUES(1);
CREATE TABLE ballots (
	id TEXT NOT NULL, 
	experiment_id TEXT NOT NULL, 
	phase INTEGER NOT NULL, 
	rater TEXT NOT NULL, 
	sitting INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	pair TEXT NOT NULL, 
	once TEXT NOT NULL, 
	arms TEXT NOT NULL, 
	prompt TEXT NOT NULL, 
	asset_type TEXT NOT NULL, 
	quality TEXT NOT NULL, 
	shown TEXT NOT NULL, 
	probability DOUBLE NOT NULL, 
	repeats TEXT, 
	gold INTEGER, 
	leased_until DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE batches (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	space TEXT DEFAULT 'home' NOT NULL, 
	asked TEXT NOT NULL, 
	lines INTEGER NOT NULL, 
	jobs INTEGER NOT NULL, 
	skipped TEXT NOT NULL, 
	lines_skipped INTEGER NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	idempotency_key TEXT, 
	body_sha256 TEXT, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "batches" VALUES('batch_1','ana','home','{"prompts": ["a cat"]}',2,1,'[]',1,0,NULL,NULL,'2026-03-01 12:00:00');
CREATE TABLE champion_moves (
	asset_type TEXT NOT NULL, 
	quality TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	overlay TEXT NOT NULL, 
	canary TEXT, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	experiment_id TEXT, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (asset_type, quality, revision), 
	FOREIGN KEY(asset_type, quality) REFERENCES champions (asset_type, quality)
);
INSERT INTO "champion_moves" VALUES('icon','draft',1,'promote','{}',NULL,'ana','better',NULL,'2026-03-01 12:00:00');
CREATE TABLE champions (
	asset_type TEXT NOT NULL, 
	quality TEXT NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (asset_type, quality)
);
INSERT INTO "champions" VALUES('icon','draft',1);
CREATE TABLE code_tries (
	principal TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	since DATETIME NOT NULL, 
	PRIMARY KEY (principal)
);
CREATE TABLE collection_items (
	collection_id TEXT NOT NULL, 
	asset_id TEXT NOT NULL, 
	position TEXT NOT NULL, 
	note TEXT NOT NULL, 
	author TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (collection_id, asset_id), 
	FOREIGN KEY(collection_id) REFERENCES collections (id) ON DELETE CASCADE, 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE collections (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	space TEXT NOT NULL, 
	name TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "collections" VALUES('col_1','ana','home','Clouds','','2026-03-01 12:00:00','2026-03-01 12:00:00');
CREATE TABLE comparison_picks (
	batch_id TEXT NOT NULL, 
	prompt INTEGER NOT NULL, 
	choice TEXT, 
	picked_at DATETIME NOT NULL, 
	PRIMARY KEY (batch_id, prompt), 
	FOREIGN KEY(batch_id) REFERENCES batches (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE device_codes (
	sha256 TEXT NOT NULL, 
	user_code TEXT NOT NULL, 
	client TEXT NOT NULL, 
	challenge TEXT NOT NULL, 
	interval_seconds INTEGER NOT NULL, 
	failures INTEGER DEFAULT 0 NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	polled_at DATETIME, 
	approved_by TEXT, 
	PRIMARY KEY (sha256), 
	UNIQUE (user_code), 
	FOREIGN KEY(approved_by) REFERENCES principals (id) ON DELETE CASCADE
);
CREATE TABLE device_tokens (
	sha256 TEXT NOT NULL, 
	device TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	expires_at DATETIME NOT NULL, 
	replaced_at DATETIME, 
	PRIMARY KEY (sha256), 
	FOREIGN KEY(device) REFERENCES devices (id) ON DELETE CASCADE
);
INSERT INTO "device_tokens" VALUES('cd','d0000001','refresh','2026-06-01 12:00:00',NULL);
CREATE TABLE devices (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	client TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	used_at DATETIME, 
	revoked_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(owner) REFERENCES principals (id) ON DELETE CASCADE
);
INSERT INTO "devices" VALUES('d0000001','dev','cli','2026-03-01 12:00:00',NULL,NULL);
CREATE TABLE event_streams (
	owner TEXT NOT NULL, 
	last INTEGER NOT NULL, 
	PRIMARY KEY (owner)
)
 WITHOUT ROWID

;
INSERT INTO "event_streams" VALUES('ana',1);
CREATE TABLE experiment_events (
	experiment_id TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (experiment_id, seq), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE experiment_phases (
	experiment_id TEXT NOT NULL, 
	phase INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	definition TEXT NOT NULL, 
	arms TEXT NOT NULL, 
	decision TEXT, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	PRIMARY KEY (experiment_id, phase), 
	FOREIGN KEY(experiment_id) REFERENCES experiments (id) ON DELETE CASCADE
);
CREATE TABLE experiment_runs (
	id TEXT NOT NULL, 
	experiment_id TEXT NOT NULL, 
	phase INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	status TEXT NOT NULL, 
	prompt_set TEXT, 
	next_line INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	skipped INTEGER NOT NULL, 
	dropped INTEGER NOT NULL, 
	gpu_seconds DOUBLE NOT NULL, 
	reason TEXT DEFAULT '' NOT NULL, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE experiments (
	id TEXT NOT NULL, 
	phase INTEGER NOT NULL, 
	status TEXT NOT NULL, 
	exposure DOUBLE NOT NULL, 
	last_seq INTEGER NOT NULL, 
	changed_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE experiments_revision (
	revision BIGINT NOT NULL, 
	PRIMARY KEY (revision)
);
INSERT INTO "experiments_revision" VALUES(1);
CREATE TABLE favourites (
	principal TEXT NOT NULL, 
	asset_id TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (principal, asset_id), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE files (
	asset_id TEXT NOT NULL, 
	rendition TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	media_type TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	PRIMARY KEY (asset_id, rendition), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
);
INSERT INTO "files" VALUES('pic_job_00000001_0','png',0,'image/png','0000000000000000000000000000000000000000000000000000000000000000',100);
INSERT INTO "files" VALUES('pic_job_00000001_0','webp',1,'image/webp','0101010101010101010101010101010101010101010101010101010101010101',100);
INSERT INTO "files" VALUES('pic_job_00000001_1','png',0,'image/png','1010101010101010101010101010101010101010101010101010101010101010',101);
INSERT INTO "files" VALUES('pic_job_00000001_1','webp',1,'image/webp','1111111111111111111111111111111111111111111111111111111111111111',101);
INSERT INTO "files" VALUES('pic_job_00000001_2','png',0,'image/png','2020202020202020202020202020202020202020202020202020202020202020',102);
INSERT INTO "files" VALUES('pic_job_00000001_2','webp',1,'image/webp','2121212121212121212121212121212121212121212121212121212121212121',102);
INSERT INTO "files" VALUES('pic_job_00000001_3','png',0,'image/png','3030303030303030303030303030303030303030303030303030303030303030',103);
INSERT INTO "files" VALUES('pic_job_00000001_3','webp',1,'image/webp','3131313131313131313131313131313131313131313131313131313131313131',103);
INSERT INTO "files" VALUES('pic_job_00000004_0','png',0,'image/png','0000000000000000000000000000000000000000000000000000000000000000',1024);
INSERT INTO "files" VALUES('pic_1','png',0,'image/png','abababababababababababababababababababababababababababababababab',12345);
INSERT INTO "files" VALUES('pic_2','png',0,'image/png','abababababababababababababababababababababababababababababababab',12345);
CREATE TABLE fingerprints (
	asset_id TEXT NOT NULL, 
	red INTEGER, 
	green INTEGER, 
	blue INTEGER, 
	detail TEXT, 
	PRIMARY KEY (asset_id), 
	FOREIGN KEY(asset_id) REFERENCES assets (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "fingerprints" VALUES('pic_1',1,2,3,'00');
CREATE TABLE idempotency (
	owner TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body_sha256 TEXT NOT NULL, 
	job_id TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (owner, "key"), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
)
 WITHOUT ROWID

;
INSERT INTO "idempotency" VALUES('ana','key-1','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','job_00000001','2026-03-01 12:00:00.000000');
INSERT INTO "idempotency" VALUES('eve','key-6','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','job_00000006','2026-03-01 12:00:00.000000');
CREATE TABLE job_arms (
	job_id TEXT NOT NULL, 
	experiment_id TEXT NOT NULL, 
	phase INTEGER NOT NULL, 
	assigned TEXT NOT NULL, 
	served TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	unit TEXT NOT NULL, 
	pair TEXT, 
	run_id TEXT, 
	exposed_at DATETIME, 
	PRIMARY KEY (job_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "job_arms" VALUES('job_00000004','fewer',1,'half','half','split','ana',NULL,NULL,NULL);
CREATE TABLE job_events (
	job_id TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	at DATETIME NOT NULL, owner TEXT, number INTEGER, 
	PRIMARY KEY (job_id, seq), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "job_events" VALUES('job_00000001',1,'job.queued','{}','2026-03-01 12:00:00.000000','ana',1);
INSERT INTO "job_events" VALUES('job_00000001',2,'job.started','{"attempt":1}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000001',3,'job.image','{"image":{"index":0,"seed":4294967295,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":100},{"format":"webp","media_type":"image/webp","sha256":"0101010101010101010101010101010101010101010101010101010101010101","size_bytes":100}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000001',4,'job.image','{"image":{"index":1,"seed":4294967294,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"1010101010101010101010101010101010101010101010101010101010101010","size_bytes":101},{"format":"webp","media_type":"image/webp","sha256":"1111111111111111111111111111111111111111111111111111111111111111","size_bytes":101}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000001',5,'job.image','{"image":{"index":2,"seed":4294967293,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"2020202020202020202020202020202020202020202020202020202020202020","size_bytes":102},{"format":"webp","media_type":"image/webp","sha256":"2121212121212121212121212121212121212121212121212121212121212121","size_bytes":102}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000001',6,'job.image','{"image":{"index":3,"seed":4294967292,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"3030303030303030303030303030303030303030303030303030303030303030","size_bytes":103},{"format":"webp","media_type":"image/webp","sha256":"3131313131313131313131313131313131313131313131313131313131313131","size_bytes":103}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000001',7,'job.complete','{}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000002',1,'job.queued','{}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000002',2,'job.started','{"attempt":1}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000002',3,'job.failed','{"code":"stage_failed","message":"the model was lost"}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000003',1,'job.queued','{}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000003',2,'job.canceled','{}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000004',1,'job.queued','{}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000004',2,'job.started','{"attempt":1}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000004',3,'job.stage','{"stage":"base","index":0}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000004',4,'job.image','{"image":{"index":0,"seed":4294967297,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":1024}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000005',1,'job.queued','{}','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "job_events" VALUES('job_00000006',1,'job.queued','{}','2026-03-01 12:00:00.000000',NULL,NULL);
CREATE TABLE job_origins (
	job_id TEXT NOT NULL, 
	call TEXT NOT NULL, 
	parent_id TEXT NOT NULL, 
	parent_asset TEXT, 
	parent_index INTEGER, 
	PRIMARY KEY (job_id), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "job_origins" VALUES('job_00000005','like','job_00000004',NULL,0);
CREATE TABLE jobs (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	status TEXT NOT NULL CONSTRAINT known_status CHECK (status IN ('queued', 'processing', 'complete', 'failed', 'canceled')), 
	request TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	licence TEXT NOT NULL, 
	progress DOUBLE NOT NULL CONSTRAINT share CHECK (progress BETWEEN 0 AND 1), 
	estimated_seconds DOUBLE NOT NULL, 
	attempt INTEGER NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	failure TEXT, 
	last_seq INTEGER NOT NULL, 
	lease_worker TEXT, 
	lease_token INTEGER NOT NULL, 
	lease_until DATETIME, 
	leased_at DATETIME, 
	created_at DATETIME NOT NULL, 
	started_at DATETIME, 
	ended_at DATETIME, space TEXT DEFAULT 'home' NOT NULL, kind TEXT DEFAULT 'generate' NOT NULL, plan_version INTEGER DEFAULT '1' NOT NULL, deployment TEXT DEFAULT '' NOT NULL, pictures INTEGER DEFAULT '0' NOT NULL, drawing_seconds DOUBLE DEFAULT '0' NOT NULL, batch TEXT DEFAULT '' NOT NULL, line INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('job_00000001','ana','complete','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',1.0,8.0,1,0,NULL,7,NULL,1,NULL,'2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','home','generate',1,'generator-mini',4,4.0,'',0);
INSERT INTO "jobs" VALUES('job_00000002','ben','failed','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,1,0,'{"code":"stage_failed","message":"the model was lost"}',3,NULL,1,NULL,'2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','home','generate',1,'generator-mini',4,4.0,'',0);
INSERT INTO "jobs" VALUES('job_00000003','ben','canceled','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,0,1,NULL,2,NULL,0,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,'2026-03-01 12:00:00.000000','home','generate',1,'generator-mini',4,4.0,'',0);
INSERT INTO "jobs" VALUES('job_00000004','ana','processing','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.25,8.0,1,0,NULL,4,'worker-2',1,'2026-03-01 12:00:30.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000',NULL,'home','generate',1,'generator-mini',4,4.0,'',0);
INSERT INTO "jobs" VALUES('job_00000005','ana','queued','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,0,0,NULL,1,NULL,0,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,NULL,'home','generate',1,'generator-mini',4,4.0,'batch_1',1);
INSERT INTO "jobs" VALUES('job_00000006','eve','queued','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","fused":[],"loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"step_cache":null,"pictures":[],"strength":null,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"deadline_seconds":null,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,0,0,NULL,1,NULL,0,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,NULL,'home','generate',1,'generator-mini',4,4.0,'',0);
CREATE TABLE library_entries (
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	body TEXT NOT NULL, 
	file TEXT, 
	author TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (kind, id, version)
);
INSERT INTO "library_entries" VALUES('loras','ink','1.0.0','cc','{}',NULL,'ana','','2026-03-01 12:00:00');
CREATE TABLE library_marks (
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	mark TEXT NOT NULL, 
	version TEXT NOT NULL, 
	moved_by TEXT NOT NULL, 
	moved_at DATETIME NOT NULL, 
	PRIMARY KEY (kind, id, mark), 
	FOREIGN KEY(kind, id, version) REFERENCES library_entries (kind, id, version)
);
INSERT INTO "library_marks" VALUES('loras','ink','live','1.0.0','ana','2026-03-01 12:00:00');
CREATE TABLE library_moves (
	seq BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	mark TEXT NOT NULL, 
	from_version TEXT, 
	to_version TEXT, 
	moved_by TEXT NOT NULL, 
	moved_at DATETIME NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "library_moves" VALUES(1,'loras','ink','live',NULL,'1.0.0','ana','2026-03-01 12:00:00','');
CREATE TABLE library_revision (
	revision BIGINT NOT NULL, 
	PRIMARY KEY (revision)
);
INSERT INTO "library_revision" VALUES(0);
CREATE TABLE licence_grants (
	id TEXT NOT NULL, 
	component TEXT, 
	licence TEXT, 
	space TEXT, 
	purposes TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	until DATETIME, 
	reference TEXT NOT NULL, 
	recorded_by TEXT NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	revoked_by TEXT, 
	revoked_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "licence_grants" VALUES('grant_1','model:mini',NULL,NULL,'product','2026-03-01 12:00:00',NULL,'contract 7','dev','2026-03-01 12:00:00',NULL,NULL);
CREATE TABLE loose_files (
	sha256 TEXT NOT NULL, 
	since DATETIME NOT NULL, 
	PRIMARY KEY (sha256)
);
INSERT INTO "loose_files" VALUES('cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd','2026-03-01 12:00:00.000000');
INSERT INTO "loose_files" VALUES('efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef','2026-03-01 12:00:00.000000');
CREATE TABLE members (
	space TEXT NOT NULL, 
	principal TEXT NOT NULL, 
	role TEXT NOT NULL, 
	PRIMARY KEY (space, principal), 
	FOREIGN KEY(space) REFERENCES spaces (id) ON DELETE CASCADE, 
	FOREIGN KEY(principal) REFERENCES principals (id) ON DELETE CASCADE
);
INSERT INTO "members" VALUES('home','dev','admin');
INSERT INTO "members" VALUES('shoes','dev','lead');
CREATE TABLE people_revision (
	revision BIGINT NOT NULL, 
	PRIMARY KEY (revision)
);
INSERT INTO "people_revision" VALUES(0);
CREATE TABLE principals (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, subject TEXT, roles TEXT DEFAULT '' NOT NULL, token_roles TEXT DEFAULT '' NOT NULL, seen_at DATETIME, deactivated_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "principals" VALUES('dev','Developer','2026-11-29 19:54:40.165782',NULL,'','',NULL,NULL);
CREATE TABLE quota_charges (
	job_id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	id TEXT NOT NULL, 
	day TEXT NOT NULL, 
	pictures INTEGER NOT NULL, 
	device_seconds DOUBLE NOT NULL, 
	PRIMARY KEY (job_id, subject), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "quota_charges" VALUES('job_00000005','user','ana','2026-03-01',4,8.0);
CREATE TABLE quota_use (
	subject TEXT NOT NULL, 
	id TEXT NOT NULL, 
	day TEXT NOT NULL, 
	pictures INTEGER NOT NULL, 
	device_seconds DOUBLE NOT NULL, 
	PRIMARY KEY (subject, id, day)
)
 WITHOUT ROWID

;
INSERT INTO "quota_use" VALUES('user','ana','2026-03-01',8,16.0);
CREATE TABLE quotas (
	subject TEXT NOT NULL, 
	id TEXT NOT NULL, 
	limits TEXT NOT NULL, 
	set_by TEXT NOT NULL, 
	set_at DATETIME NOT NULL, 
	PRIMARY KEY (subject, id)
)
 WITHOUT ROWID

;
INSERT INTO "quotas" VALUES('user','ana','{"pictures_per_day":100}','dev','2026-03-01 12:00:00');
CREATE TABLE rater_keys (
	rater TEXT NOT NULL, 
	pseudonym TEXT NOT NULL, 
	PRIMARY KEY (rater), 
	UNIQUE (pseudonym)
);
INSERT INTO "rater_keys" VALUES('ana','r_1');
CREATE TABLE rates (
	work TEXT NOT NULL, 
	seconds DOUBLE NOT NULL, 
	measured_at DATETIME NOT NULL, 
	PRIMARY KEY (work)
);
CREATE TABLE run_lines (
	run_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	line TEXT NOT NULL, 
	noted_at DATETIME NOT NULL, 
	PRIMARY KEY (run_id, number), 
	FOREIGN KEY(run_id) REFERENCES experiment_runs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE schema_compatibility (
	oldest_reader TEXT NOT NULL, 
	PRIMARY KEY (oldest_reader)
);
INSERT INTO "schema_compatibility" VALUES('0005');
CREATE TABLE share_links (
	id TEXT NOT NULL, 
	kind TEXT NOT NULL CONSTRAINT known_share CHECK (kind IN ('collection', 'image')), 
	target TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	space TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	PRIMARY KEY (id)
);
CREATE TABLE signing_keys (
	name TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "signing_keys" VALUES('share','8463bac67467a38e3add202ec940e4236e7353058b69d3abe9f488db0de9691a','2026-11-30 07:55:39.214361');
CREATE TABLE spaces (
	id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, defaults TEXT DEFAULT '{}' NOT NULL, archived_at DATETIME, files TEXT DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "spaces" VALUES('home','Home','2026-11-29 19:54:40.165782','{}',NULL,'{}');
INSERT INTO "spaces" VALUES('shoes','Shoes','2026-03-01 12:00:00','{}',NULL,'{}');
CREATE TABLE stage_outputs (
	job_id TEXT NOT NULL, 
	idx INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	seconds TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	weights TEXT NOT NULL, scores TEXT, environment TEXT, 
	PRIMARY KEY (job_id, idx, position), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "stage_outputs" VALUES('job_00000004',1,0,'base','eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','{"base":0.5}','[]','mini',NULL,'{}');
CREATE TABLE upload_rights (
	picture_id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	said TEXT NOT NULL, 
	source TEXT NOT NULL, 
	said_by TEXT NOT NULL, 
	said_at DATETIME NOT NULL, 
	cleared_by TEXT, 
	cleared_at DATETIME, 
	PRIMARY KEY (picture_id)
);
INSERT INTO "upload_rights" VALUES('pic_1','ana','unknown','','ana','2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "upload_rights" VALUES('pic_2','ben','unknown','','ben','2026-03-01 12:00:00.000000',NULL,NULL);
CREATE TABLE votes (
	ballot_id TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	choice TEXT NOT NULL, 
	criteria TEXT NOT NULL, 
	dwell_ms INTEGER, 
	client TEXT NOT NULL, 
	revealed BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	PRIMARY KEY (ballot_id, number), 
	FOREIGN KEY(ballot_id) REFERENCES ballots (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE webhook_attempts (
	webhook TEXT NOT NULL, 
	delivery TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	seconds DOUBLE NOT NULL, 
	status INTEGER, 
	error TEXT NOT NULL, 
	answer TEXT NOT NULL, 
	PRIMARY KEY (webhook, delivery, number), 
	FOREIGN KEY(webhook, delivery) REFERENCES webhook_deliveries (webhook, id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE webhook_deliveries (
	webhook TEXT NOT NULL, 
	id TEXT NOT NULL, 
	type TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	data TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	state TEXT NOT NULL CONSTRAINT known_state CHECK (state IN ('waiting', 'pending', 'delivered', 'failed')), 
	due_at DATETIME NOT NULL, 
	lease_until DATETIME, 
	attempts INTEGER DEFAULT '0' NOT NULL, 
	tries INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (webhook, id), 
	FOREIGN KEY(webhook) REFERENCES webhooks (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE webhooks (
	id TEXT NOT NULL, 
	owner TEXT NOT NULL, 
	space TEXT NOT NULL, 
	scope TEXT NOT NULL CONSTRAINT known_scope CHECK (scope IN ('own', 'space')), 
	url TEXT NOT NULL, 
	description TEXT NOT NULL, 
	events TEXT NOT NULL, 
	include TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	old_secret TEXT, 
	old_secret_until DATETIME, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, 
	disabled_reason TEXT DEFAULT '' NOT NULL, 
	failing_since DATETIME, 
	paused_until DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "webhooks" VALUES('wh_1','ana','home','own','https://example.com/told','','[]','[]','whsec_AAAA',NULL,NULL,'2026-11-30 12:00:00',NULL,'',NULL,NULL);
CREATE INDEX jobs_turns ON jobs (owner, leased_at);
CREATE INDEX jobs_of_owner ON jobs (owner, id);
CREATE INDEX jobs_processing ON jobs (owner, lease_until) WHERE status = 'processing';
CREATE INDEX assets_of_owner ON assets (owner, kind, id);
CREATE UNIQUE INDEX assets_of_job ON assets (job_id, idx);
CREATE INDEX files_by_content ON files (sha256);
CREATE INDEX asset_children ON asset_parents (parent_id);
CREATE INDEX outputs_by_content ON stage_outputs (sha256);
CREATE INDEX library_by_file ON library_entries (file);
CREATE INDEX library_moves_of_entry ON library_moves (kind, id, seq);
CREATE INDEX batches_of_owner ON batches (owner, id);
CREATE UNIQUE INDEX batches_by_key ON batches (owner, idempotency_key);
CREATE INDEX jobs_unfinished ON jobs (owner, batch, id, status, lease_until, plan_version) WHERE status IN ('queued', 'processing');
CREATE INDEX jobs_of_batch ON jobs (batch, id, status, progress, estimated_seconds, pictures) WHERE batch <> '';
CREATE INDEX job_descendants ON job_origins (parent_id);
CREATE INDEX jobs_of_arm ON job_arms (experiment_id, phase, assigned);
CREATE INDEX jobs_of_pair ON job_arms (experiment_id, phase, pair);
CREATE INDEX runs_of_experiment ON experiment_runs (experiment_id, phase);
CREATE UNIQUE INDEX ballots_once ON ballots (experiment_id, phase, once);
CREATE INDEX ballots_of_rater ON ballots (rater, experiment_id, phase);
CREATE INDEX audit_by_who ON audit (who, seq);
CREATE INDEX audit_by_action ON audit (action, seq);
CREATE INDEX audit_by_object ON audit (on_kind, on_id, seq);
CREATE INDEX audit_by_time ON audit (at);
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit  BEGIN SELECT RAISE(ABORT, 'the audit is append-only: its lines are neither changed nor removed'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit  BEGIN SELECT RAISE(ABORT, 'the audit is append-only: its lines are neither changed nor removed'); END;
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'the audit is append-only: its lines are neither changed nor removed'); END;
CREATE INDEX jobs_of_space ON jobs (space, id) WHERE space <> 'home';
CREATE INDEX batches_of_space ON batches (space, id) WHERE space <> 'home';
CREATE INDEX assets_of_space ON assets (space, kind, id) WHERE space <> 'home';
CREATE UNIQUE INDEX principals_by_subject ON principals (subject);
CREATE INDEX members_of_principal ON members (principal);
CREATE INDEX api_keys_of_owner ON api_keys (owner, id);
CREATE INDEX devices_of_owner ON devices (owner, id);
CREATE INDEX tokens_of_device ON device_tokens (device);
CREATE INDEX device_codes_by_end ON device_codes (expires_at);
CREATE INDEX assets_deleted ON assets (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX asset_search_newest ON asset_search (owner, n) WHERE deleted_at IS NULL;
CREATE INDEX asset_search_deleted ON asset_search (owner, n) WHERE deleted_at IS NOT NULL;
CREATE INDEX asset_counts_whole ON asset_counts (owner, space, facet, pictures) WHERE day = '';
CREATE VIEW asset_words_content AS SELECT n, words, terms FROM asset_search WHERE deleted_at IS NULL;
CREATE TRIGGER asset_words_added AFTER INSERT ON asset_search WHEN new.deleted_at IS NULL BEGIN INSERT INTO asset_words (rowid, words, terms) VALUES (new.n, new.words, new.terms); END;
CREATE TRIGGER asset_words_removed AFTER DELETE ON asset_search WHEN old.deleted_at IS NULL BEGIN INSERT INTO asset_words (asset_words, rowid, words, terms) VALUES ('delete', old.n, old.words, old.terms); END;
CREATE TRIGGER asset_words_changed AFTER UPDATE ON asset_search WHEN old.deleted_at IS NULL AND new.deleted_at IS NULL BEGIN INSERT INTO asset_words (asset_words, rowid, words, terms) VALUES ('delete', old.n, old.words, old.terms); INSERT INTO asset_words (rowid, words, terms) VALUES (new.n, new.words, new.terms); END;
CREATE TRIGGER asset_words_hidden AFTER UPDATE ON asset_search WHEN old.deleted_at IS NULL AND new.deleted_at IS NOT NULL BEGIN INSERT INTO asset_words (asset_words, rowid, words, terms) VALUES ('delete', old.n, old.words, old.terms); END;
CREATE TRIGGER asset_words_shown AFTER UPDATE ON asset_search WHEN old.deleted_at IS NOT NULL AND new.deleted_at IS NULL BEGIN INSERT INTO asset_words (rowid, words, terms) VALUES (new.n, new.words, new.terms); END;
CREATE INDEX favourites_of_asset ON favourites (asset_id);
CREATE INDEX collections_of_owner ON collections (owner, id);
CREATE INDEX items_in_order ON collection_items (collection_id, position);
CREATE INDEX items_of_asset ON collection_items (asset_id);
CREATE INDEX links_of_target ON share_links (target, id);
CREATE INDEX charges_in_flight ON quota_charges (subject, id);
CREATE INDEX acknowledgements_of ON acknowledgements (subject, principal, purpose);
CREATE INDEX fingerprints_by_colour ON fingerprints (red, green, blue);
CREATE UNIQUE INDEX events_of_owner ON job_events (owner, number) WHERE owner IS NOT NULL;
CREATE INDEX webhooks_of_owner ON webhooks (owner, id);
CREATE INDEX deliveries_pending ON webhook_deliveries (webhook, due_at, lease_until) WHERE state = 'pending';
CREATE INDEX deliveries_waiting ON webhook_deliveries (subject) WHERE state = 'waiting';
CREATE INDEX deliveries_by_time ON webhook_deliveries (at);
COMMIT;
INSERT INTO asset_words (asset_words) VALUES ('rebuild');
