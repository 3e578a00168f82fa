{{- /* A worker group: the pods of one kind of GPU, or those without. */ -}}
{{- define "atelier.worker" -}}
{{- $group := .group -}}
{{- $resources := dict "cpu" $group.cpu "memory" $group.memory -}}
{{- $labels := mergeOverwrite (dict "ray.io/market-type" (ternary "spot" "on-demand" (eq (toString $group.spot) "true"))) $group.labels -}}
{{- if gt (int $group.gpus) 0 -}}{{- $_ := set $resources $group.gpuResource (toString (int $group.gpus)) -}}{{- end -}}
{{- $spot := list -}}
{{- if eq (toString $group.spot) "true" -}}{{- $spot = list (dict "key" "kubernetes.azure.com/scalesetpriority" "value" "spot" "effect" "NoSchedule") -}}{{- end -}}
{{- $on := dict "nodeSelector" $group.nodeSelector "tolerations" (concat ($group.tolerations | default list) $spot) "priorityClassName" $group.priorityClassName -}}
- groupName: {{ .name }}
  replicas: {{ int $group.min }}
  minReplicas: {{ int $group.min }}
  maxReplicas: {{ int $group.max }}
  {{- with int $group.priority }}
  priority: {{ . }}
  {{- end }}
  labels: {{ toJson $labels }}
  rayStartParams:
    object-store-memory: {{ mul (int $group.shmGb) 1000000000 | quote }}
  template:
    metadata:
      {{- include "atelier.podMetadata" .root | nindent 6 }}
    spec:
      {{- include "atelier.pod" (dict "root" .root "on" $on) | nindent 6 }}
      automountServiceAccountToken: false
      {{- with .root.Values.models.prefetch }}
      initContainers:
        - name: weights
          {{- include "atelier.container" $.root | nindent 10 }}
          command: [python, -m, deployments.checkpoints, fetch, {{ join ", " . }}]
          resources:
            limits: {cpu: "1", memory: 2Gi}
            requests: {cpu: "1", memory: 2Gi}
          volumeMounts:
            {{- include "atelier.mounts" $.root | nindent 12 }}
      {{- end }}
      containers:
        - name: ray-worker
          {{- include "atelier.container" .root | nindent 10 }}
          ports:
            - {name: serve, containerPort: 8000}
            - {name: metrics, containerPort: 8080}
          resources:
            limits: {{ toJson $resources }}
            requests: {{ toJson $resources }}
          volumeMounts:
            {{- include "atelier.mounts" .root | nindent 12 }}
      volumes:
        {{- include "atelier.volumes" (dict "root" .root "shmGb" $group.shmGb) | nindent 8 }}
        - name: state
          emptyDir: {}
{{- end -}}
