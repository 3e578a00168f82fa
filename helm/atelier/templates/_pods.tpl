{{- define "atelier.environment" -}}
- name: HOME
  value: /tmp
- name: PYTHONUNBUFFERED
  value: "1"
# Ray gives one thread to a replica that reserves no cores; here they share all that the container has.
- name: OMP_NUM_THREADS
  valueFrom:
    resourceFieldRef: {resource: limits.cpu}
- name: ATELIER_STATE
  value: /var/lib/atelier
- name: ATELIER_WEIGHTS
  value: /weights
{{- if eq .Values.models.cache "blobfuse" }}
- name: ATELIER_OFFLINE
  value: "1"
{{- end }}
- name: RAY_SERVE_RETAINED_DEAD_REPLICAS
  value: "0"
- name: RAY_SERVE_FREEZE_GC_ON_STARTUP
  value: "1"
{{- if .Values.postgres.enabled }}
- name: POSTGRES_PASSWORD
  valueFrom:
    secretKeyRef: {{ include "atelier.secretKey" (dict "ref" .Values.postgres.password "of" "postgres.password") }}
- name: ATELIER_DATABASE_URL
  value: postgresql://atelier:$(POSTGRES_PASSWORD)@{{ include "atelier.name" . }}-postgres:5432/atelier
{{- else if .Values.database.secretRef.name }}
- name: ATELIER_DATABASE_URL
  valueFrom:
    secretKeyRef: {{ include "atelier.secretKey" (dict "ref" .Values.database.secretRef "of" "database.secretRef") }}
{{- end }}
{{- with .Values.blob.account }}
- name: AZURE_STORAGE_ACCOUNT_NAME
  value: {{ . | quote }}
{{- end }}
{{- if .Values.models.hubToken.name }}
- name: HF_TOKEN
  valueFrom:
    secretKeyRef: {{ include "atelier.secretKey" (dict "ref" .Values.models.hubToken "of" "models.hubToken") }}
{{- end }}
{{- range $name, $value := .Values.environment }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $ref := .Values.secretEnvironment }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {{ include "atelier.secretKey" (dict "ref" $ref "of" (printf "secretEnvironment.%s" $name)) }}
{{- end }}
{{- end -}}

{{- define "atelier.secretKey" -}}
{{- if or (not .ref.name) (not .ref.key) -}}
{{- fail (printf "%s: name the Secret and the key in it (name, key)" .of) -}}
{{- end -}}
{{- dict "name" .ref.name "key" .ref.key | toJson -}}
{{- end -}}

{{- define "atelier.container" -}}
image: {{ include "atelier.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{ include "atelier.containerSecurity" . }}
env:
  {{- include "atelier.environment" . | nindent 2 }}
{{- with .Values.blob.secretName }}
envFrom:
  - secretRef: {name: {{ . }}}
{{- end }}
{{- end -}}

{{- define "atelier.containerSecurity" -}}
{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, capabilities: {drop: [ALL]}}
{{- end -}}

{{- define "atelier.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: shm, mountPath: /dev/shm}
- {name: state, mountPath: /var/lib/atelier}
- {name: weights, mountPath: /weights{{ if eq .Values.models.cache "blobfuse" }}, readOnly: true{{ end }}}
{{- end -}}

{{- define "atelier.volumes" -}}
- name: tmp
  emptyDir: {sizeLimit: {{ .root.Values.podSecurity.tmpSize }}}
- name: shm
  emptyDir: {medium: Memory, sizeLimit: {{ int .shmGb }}Gi}
- name: weights
  {{- include "atelier.weights" .root | nindent 2 }}
{{- end -}}

{{- define "atelier.weights" -}}
{{- $models := .Values.models -}}
{{- if eq $models.cache "emptyDir" -}}
emptyDir: {sizeLimit: {{ $models.size }}}
{{- else if eq $models.cache "hostPath" -}}
{{- if not .Values.podSecurity.allowHostPath -}}
{{- fail "models.cache: hostPath is forbidden where pods are restricted; choose pvc, or set podSecurity.allowHostPath" -}}
{{- end -}}
hostPath: {path: {{ $models.hostPath }}, type: DirectoryOrCreate}
{{- else -}}
persistentVolumeClaim: {claimName: {{ $models.existingClaim | default (printf "%s-weights" (include "atelier.name" .)) }}}
{{- end -}}
{{- end -}}

{{- /* Of a pod: everything but its containers. */ -}}
{{- define "atelier.pod" -}}
serviceAccountName: {{ include "atelier.serviceAccount" .root }}
terminationGracePeriodSeconds: {{ add (int .root.Values.drainSeconds) 60 }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int .root.Values.podSecurity.runAsUser }}
  fsGroup: {{ int .root.Values.podSecurity.fsGroup }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .on.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- with .on.tolerations }}
tolerations:
  {{- range . }}
  - {key: {{ .key | quote }}, operator: {{ ternary "Equal" "Exists" (not (empty .value)) }}{{ with .value }}, value: {{ . | quote }}{{ end }}, effect: {{ .effect | default "NoSchedule" }}}
  {{- end }}
{{- end }}
{{- with .on.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- end -}}

{{- define "atelier.podMetadata" -}}
labels:
  {{- include "atelier.selector" . | nindent 2 }}
  {{- if eq .Values.identity.workload "azure" }}
  azure.workload.identity/use: "true"
  {{- end }}
  {{- range $key, $value := .Values.labels }}
  {{ $key }}: {{ $value | quote }}
  {{- end }}
{{- with .Values.annotations }}
annotations: {{ toJson . }}
{{- end }}
{{- end -}}
