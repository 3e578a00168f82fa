{{- /* serveConfigV2: what `python -m serve config` says of the profile, with the site's settings in it. */ -}}
{{- define "atelier.serveConfig" -}}
{{- $config := include "atelier.file" (dict "root" . "folder" "profiles" "id" .Values.profile) | fromJson -}}
{{- $application := first $config.applications -}}
{{- $profile := mergeOverwrite (deepCopy $application.args.profile) (deepCopy .Values.settings) -}}
{{- $host := ternary "0.0.0.0" "127.0.0.1" (eq (include "atelier.signsIn" .) "true") -}}
{{- $_ := set $profile "http" (dict "host" $host "port" 8000) -}}
{{- $_ := set $profile "state" "/var/lib/atelier" -}}
{{- $_ := set $profile "fleet" .Values.fleet -}}
{{- with .Values.blob.url }}{{- $_ := set $profile "blob_url" . -}}{{- end -}}
{{- $_ := set $application.args "profile" $profile -}}
{{- $_ := set $config "http_options" (dict "host" $host "port" 8000) -}}
{{- $config | toPrettyJson -}}
{{- end -}}

{{- /* Without it whoever reaches the studio is its developer: it listens inside of its pod alone. */ -}}
{{- define "atelier.signsIn" -}}
{{- $config := include "atelier.file" (dict "root" . "folder" "profiles" "id" .Values.profile) | fromJson -}}
{{- $profile := mergeOverwrite (first $config.applications).args.profile (deepCopy .Values.settings) -}}
{{- eq (dig "sign_in" "mode" "dev" $profile) "oidc" -}}
{{- end -}}
