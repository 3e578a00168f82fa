{{- /* KubeRay makes names of at most 63 characters from it, so it takes 47. */ -}}
{{- define "atelier.name" -}}
{{- $name := .Values.fullnameOverride | default (ternary .Release.Name (printf "%s-atelier" .Release.Name) (contains "atelier" .Release.Name)) -}}
{{- if or (gt (len $name) 47) (not (regexMatch "^[a-z]([a-z0-9-]*[a-z0-9])?$" $name)) -}}
{{- fail (printf "'%s' cannot name a RayService: letters, digits and dashes, a letter first, 47 at most; set fullnameOverride" $name) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "atelier.selector" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/part-of: atelier
{{- end -}}

{{- define "atelier.labels" -}}
{{ include "atelier.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "atelier.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "atelier.name" .) }}
{{- end -}}

{{- define "atelier.image" -}}
{{- $image := .Values.image -}}
{{- $repository := required "image.repository: say where you pushed the image that helm/README.md builds" $image.repository -}}
{{- if $image.digest -}}{{ $repository }}@{{ $image.digest }}{{- else -}}{{ $repository }}:{{ $image.tag | default .Chart.AppVersion }}{{- end -}}
{{- end -}}

{{- define "atelier.serveService" -}}{{ include "atelier.name" . }}-serve-svc{{- end -}}
