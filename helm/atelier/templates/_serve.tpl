{{- /* serveConfigV2: what `python -m serve config` says of the profile, with the site's settings in it. */ -}}
{{- define "atelier.serveConfig" -}}
{{- $config := include "atelier.file" (dict "root" . "folder" "profiles" "id" .Values.profile) | fromJson -}}
{{- $application := first $config.applications -}}
{{- $profile := mergeOverwrite (deepCopy $application.args.profile) (deepCopy .Values.settings) -}}
{{- $host := ternary "0.0.0.0" "127.0.0.1" (eq (include "atelier.signsIn" .) "true") -}}
{{- $_ := set $profile "http" (dict "host" $host "port" 8000) -}}
{{- $_ := set $profile "state" "/var/lib/atelier" -}}
{{- $groups := include "atelier.groups" . | fromJson -}}
{{- $kinds := dict -}}
{{- range $kind, $_ := include "atelier.file" (dict "root" . "folder" "fleets" "id" .Values.fleet) | fromJson -}}
{{- $group := get $groups $kind | default (dict "min" 0 "max" 0) -}}
{{- $_ := set $kinds $kind (dict "min" (int $group.min) "max" (int $group.max)) -}}
{{- end -}}
{{- $_ := set $profile "fleet" .Values.fleet -}}
{{- if $kinds -}}
{{- $_ := set $profile "kinds" $kinds -}}
{{- end -}}
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
