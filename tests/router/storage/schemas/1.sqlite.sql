BEGIN TRANSACTION;
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
CREATE TABLE images (
	job_id TEXT NOT NULL, 
	idx INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	width INTEGER NOT NULL, 
	height INTEGER NOT NULL, 
	files TEXT NOT NULL, 
	licence TEXT NOT NULL, 
	notes TEXT NOT NULL, 
	seconds TEXT NOT NULL, 
	PRIMARY KEY (job_id, idx), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
);
INSERT INTO "images" VALUES('job_00000001',0,3,4294967295,128,128,'[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":100},{"format":"webp","media_type":"image/webp","sha256":"0101010101010101010101010101010101010101010101010101010101010101","size_bytes":100}]','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}');
INSERT INTO "images" VALUES('job_00000001',1,4,4294967294,128,128,'[{"format":"png","media_type":"image/png","sha256":"1010101010101010101010101010101010101010101010101010101010101010","size_bytes":101},{"format":"webp","media_type":"image/webp","sha256":"1111111111111111111111111111111111111111111111111111111111111111","size_bytes":101}]','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}');
INSERT INTO "images" VALUES('job_00000001',2,5,4294967293,128,128,'[{"format":"png","media_type":"image/png","sha256":"2020202020202020202020202020202020202020202020202020202020202020","size_bytes":102},{"format":"webp","media_type":"image/webp","sha256":"2121212121212121212121212121212121212121212121212121212121212121","size_bytes":102}]','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}');
INSERT INTO "images" VALUES('job_00000001',3,6,4294967292,128,128,'[{"format":"png","media_type":"image/png","sha256":"3030303030303030303030303030303030303030303030303030303030303030","size_bytes":103},{"format":"webp","media_type":"image/webp","sha256":"3131313131313131313131313131313131313131313131313131313131313131","size_bytes":103}]','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}');
INSERT INTO "images" VALUES('job_00000004',0,4,4294967297,128,128,'[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":1024}]','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}','["small"]','{"base":0.5}');
CREATE TABLE job_events (
	job_id TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	payload TEXT NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (job_id, seq), 
	FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "job_events" VALUES('job_00000001',1,'job.queued','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000001',2,'job.started','{"attempt":1}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000001',3,'job.image','{"image":{"index":0,"seed":4294967295,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":100},{"format":"webp","media_type":"image/webp","sha256":"0101010101010101010101010101010101010101010101010101010101010101","size_bytes":100}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000001',4,'job.image','{"image":{"index":1,"seed":4294967294,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"1010101010101010101010101010101010101010101010101010101010101010","size_bytes":101},{"format":"webp","media_type":"image/webp","sha256":"1111111111111111111111111111111111111111111111111111111111111111","size_bytes":101}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000001',5,'job.image','{"image":{"index":2,"seed":4294967293,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"2020202020202020202020202020202020202020202020202020202020202020","size_bytes":102},{"format":"webp","media_type":"image/webp","sha256":"2121212121212121212121212121212121212121212121212121212121212121","size_bytes":102}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000001',6,'job.image','{"image":{"index":3,"seed":4294967292,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"3030303030303030303030303030303030303030303030303030303030303030","size_bytes":103},{"format":"webp","media_type":"image/webp","sha256":"3131313131313131313131313131313131313131313131313131313131313131","size_bytes":103}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000001',7,'job.complete','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000002',1,'job.queued','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000002',2,'job.started','{"attempt":1}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000002',3,'job.failed','{"code":"stage_failed","message":"the model was lost"}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000003',1,'job.queued','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000003',2,'job.canceled','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000004',1,'job.queued','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000004',2,'job.started','{"attempt":1}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000004',3,'job.stage','{"stage":"base","index":0}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000004',4,'job.image','{"image":{"index":0,"seed":4294967297,"width":128,"height":128,"files":[{"format":"png","media_type":"image/png","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":1024}],"licence":{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]},"notes":["small"],"seconds":{"base":0.5}}}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000005',1,'job.queued','{}','2026-03-01 12:00:00.000000');
INSERT INTO "job_events" VALUES('job_00000006',1,'job.queued','{}','2026-03-01 12:00:00.000000');
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
	ended_at DATETIME, 
	PRIMARY KEY (id)
);
INSERT INTO "jobs" VALUES('job_00000001','ana','complete','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',1.0,8.0,1,0,NULL,7,NULL,1,NULL,'2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000');
INSERT INTO "jobs" VALUES('job_00000002','ben','failed','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,1,0,'{"code":"stage_failed","message":"the model was lost"}',3,NULL,1,NULL,'2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000');
INSERT INTO "jobs" VALUES('job_00000003','ben','canceled','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,0,1,NULL,2,NULL,0,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,'2026-03-01 12:00:00.000000');
INSERT INTO "jobs" VALUES('job_00000004','ana','processing','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.25,8.0,1,0,NULL,4,'worker-2',1,'2026-03-01 12:00:30.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000','2026-03-01 12:00:00.000000',NULL);
INSERT INTO "jobs" VALUES('job_00000005','ana','queued','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,0,0,NULL,1,NULL,0,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,NULL);
INSERT INTO "jobs" VALUES('job_00000006','eve','queued','{"prompt":"a caf\u00e9 \u2615 with a \u0000 in it","asset_type":"icon","num_variations":4,"size":null}','{"prompt":"a café ☕","asset_type":"icon","quality":"draft","seeds":[0,1,2,3],"base":{"deployment":"generator-mini","model":"mini","loras":[],"full_prompt":"flat icon of a café ☕","negative_prompt":"","size":"128x128","num_inference_steps":20,"guidance_scale":3.5,"estimated_seconds":1.0},"upscale":null,"finish":{"deployment":"finish","size":"128x128","formats":["png","webp"],"estimated_seconds":0.5},"estimated_seconds":8.0,"notes":[]}','{"reference":"allowed","internal":"allowed","product":"conditional","licences":["apache-2.0"],"reasons":[]}',0.0,8.0,0,0,NULL,1,NULL,0,NULL,NULL,'2026-03-01 12:00:00.000000',NULL,NULL);
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1);
CREATE INDEX jobs_of_owner ON jobs (owner, id);
CREATE INDEX jobs_unfinished ON jobs (owner, id, status, lease_until) WHERE status IN ('queued', 'processing');
CREATE INDEX jobs_turns ON jobs (owner, leased_at);
CREATE INDEX jobs_processing ON jobs (owner, lease_until) WHERE status = 'processing';
COMMIT;
