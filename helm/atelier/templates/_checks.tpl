{{- /* What fits no schema, since it is about two values: one sentence each, that says what to do. */ -}}
{{- define "atelier.checks" -}}
{{- $grows := eq (include "atelier.grows" .) "true" -}}
{{- $signsIn := eq (include "atelier.signsIn" .) "true" -}}
{{- if and .Values.postgres.enabled .Values.database.secretRef.name -}}
{{- fail "database: it is either database.secretRef or postgres.enabled" -}}
{{- end -}}
{{- if and $grows (not .Values.postgres.enabled) (not .Values.database.secretRef.name) -}}
{{- fail "database: pods share no SQLite file; name a Secret with the URL of a PostgreSQL in database.secretRef (postgres.enabled for a trial)" -}}
{{- end -}}
{{- if and $grows (not .Values.blob.url) -}}
{{- fail "blob.url: pods share no folder; say where pictures are kept, az://container or s3://bucket" -}}
{{- end -}}
{{- if and (hasPrefix "az://" .Values.blob.url) (not .Values.blob.account) (not .Values.blob.secretName) -}}
{{- fail "blob.account: say whose container it is, the name of the storage account" -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.gateway.enabled) (not $signsIn) -}}
{{- fail "settings.sign_in: nobody signs in, so the studio is reached with kubectl port-forward alone; say who signs people in before you open an ingress or a gateway" -}}
{{- end -}}
{{- if and (or .Values.ingress.enabled .Values.gateway.enabled) (eq .Values.upgrade.type "NewClusterWithIncrementalUpgrade") -}}
{{- fail "upgrade.type: for incremental upgrades KubeRay makes a Gateway and its route of its own; turn ingress and gateway off" -}}
{{- end -}}
{{- if eq .Values.upgrade.type "NewClusterWithIncrementalUpgrade" -}}
{{- if not $grows -}}{{- fail "upgrade.type: incremental upgrades need an autoscaler, so a fleet or cpuWorkers" -}}{{- end -}}
{{- if not .Values.upgrade.gatewayClassName -}}{{- fail "upgrade.gatewayClassName: incremental upgrades need the class of a Gateway" -}}{{- end -}}
{{- if gt (int .Values.upgrade.stepSizePercent) (int .Values.upgrade.maxSurgePercent) -}}{{- fail "upgrade.stepSizePercent: it is at most maxSurgePercent" -}}{{- end -}}
{{- end -}}
{{- if and (ne .Values.identity.workload "none") (not .Values.identity.clientId) -}}
{{- fail "identity.clientId: name the identity (Azure: its client id, AWS: the role's ARN)" -}}
{{- end -}}
{{- if and .Values.gateway.enabled (not .Values.gateway.name) -}}
{{- fail "gateway.name: name the Gateway that the route belongs to" -}}
{{- end -}}
{{- if and .Values.externalSecrets.enabled (or (not .Values.externalSecrets.store) (not .Values.externalSecrets.secrets)) -}}
{{- fail "externalSecrets: say which store, and which secrets" -}}
{{- end -}}
{{- if and (eq .Values.models.cache "blobfuse") (or (not .Values.models.blobfuse.account) (not .Values.models.blobfuse.container)) -}}
{{- fail "models.blobfuse: name the storage account and the container with the weights" -}}
{{- end -}}
{{- if and (eq .Values.models.cache "blobfuse") .Values.models.prefetch -}}
{{- fail "models.prefetch: blobfuse is mounted read-only; fill the container before (python -m deployments.checkpoints fetch)" -}}
{{- end -}}
{{- end -}}
