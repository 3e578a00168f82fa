{{- /* What a file of the chart says, as YAML; on a miss, the files that there are. */ -}}
{{- define "atelier.file" -}}
{{- $path := printf "files/%s/%s.json" .folder .id -}}
{{- $text := .root.Files.Get $path -}}
{{- if not $text -}}
{{- $known := list -}}
{{- range $file, $_ := .root.Files.Glob (printf "files/%s/*.json" .folder) -}}
{{- $known = append $known (trimSuffix ".json" (base $file)) -}}
{{- end -}}
{{- fail (printf "%s: there is no '%s' in the chart; known: %s. Write configs/%s/%s.yaml, then run python -m serve.chart and build the image" (trimSuffix "s" .folder) .id (join ", " $known) .folder .id) -}}
{{- end -}}
{{- $text -}}
{{- end -}}

{{- /* The worker groups by name: the fleet's kinds with what the values change, and the pods without a GPU. */ -}}
{{- define "atelier.groups" -}}
{{- $fleet := include "atelier.file" (dict "root" . "folder" "fleets" "id" .Values.fleet) | fromJson -}}
{{- range $kind, $_ := .Values.kinds -}}
{{- if not (hasKey $fleet $kind) -}}
{{- fail (printf "kinds.%s: fleet '%s' has no such kind of GPU; it has: %s" $kind $.Values.fleet (keys $fleet | sortAlpha | join ", " | default "none")) -}}
{{- end -}}
{{- end -}}
{{- $groups := dict -}}
{{- range $kind, $from := $fleet -}}
{{- $own := get $.Values.kinds $kind | default dict -}}
{{- $given := dict -}}
{{- range $key := list "min" "max" "cpu" "memory" -}}
{{- $value := get $own $key -}}
{{- if and (hasKey $own $key) (ne (toString $value) "fleet") -}}{{- $_ := set $given $key $value -}}{{- end -}}
{{- end -}}
{{- $group := mergeOverwrite (deepCopy $from) $given -}}
{{- $_ := set $group "nodeSelector" (merge (dict) ($own.nodeSelector | default dict) $from.nodeSelector) -}}
{{- $_ := set $group "tolerations" (concat ($from.tolerations | default list) ($own.tolerations | default list)) -}}
{{- $_ := set $group "priorityClassName" ($own.priorityClassName | default "") -}}
{{- $_ := set $group "priority" ($own.priority | default 0) -}}
{{- $_ := set $group "shmGb" ($own.shmGb | default 4) -}}
{{- $_ := set $group "gpuResource" ($own.gpuResource | default "nvidia.com/gpu") -}}
{{- if gt (int $group.min) (int $group.max) -}}
{{- fail (printf "kinds.%s: min %d is larger than max %d" $kind (int $group.min) (int $group.max)) -}}
{{- end -}}
{{- if gt (int $group.max) 0 -}}{{- $_ := set $groups $kind $group -}}{{- end -}}
{{- end -}}
{{- $cpu := .Values.cpuWorkers -}}
{{- if gt (int $cpu.min) (int $cpu.max) -}}
{{- fail (printf "cpuWorkers: min %d is larger than max %d" (int $cpu.min) (int $cpu.max)) -}}
{{- end -}}
{{- if gt (int $cpu.max) 0 -}}
{{- $_ := set $groups "cpu" (mergeOverwrite (deepCopy $cpu) (dict "gpus" 0 "cpu" $cpu.resources.cpu "memory" $cpu.resources.memory "labels" dict "spot" false "priority" 0 "gpuResource" "")) -}}
{{- end -}}
{{- $groups | toJson -}}
{{- end -}}

{{- /* "true" where there is more than the head. */ -}}
{{- define "atelier.grows" -}}
{{- if include "atelier.groups" . | fromJson -}}true{{- end -}}
{{- end -}}
