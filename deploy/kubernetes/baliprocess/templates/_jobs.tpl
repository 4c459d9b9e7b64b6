{{/* Pods of Jobs and tests: clients of the gateway. */}}

{{/* As `source` of fileVolume: the authorities of the certificate that the gateway shows. */}}
{{- define "baliprocess.clientsAuthority" -}}
{{- with .Values.clients.authority -}}
{{- if or .existingConfigMap .existingSecret -}}
{{- toJson . -}}
{{- else -}}
{{- include "baliprocess.authority" (dict "root" $ "name" "gateway") -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.clientsServer" -}}
{{- .Values.clients.server | default (printf "%s:%d" (include "baliprocess.host" (dict "root" . "name" "gateway")) (int .Values.gateway.service.port)) -}}
{{- end -}}

{{/* Takes a dict of root, and token (true: BALI_TOKEN_FILE is set). */}}
{{- define "baliprocess.clientEnv" -}}
- name: BALI_SERVER
  value: {{ include "baliprocess.clientsServer" .root }}
- name: BALI_CA
  value: /etc/baliprocess/clients/ca.crt
{{- if .token }}
- name: BALI_TOKEN_FILE
  value: /etc/baliprocess/token/token
{{- end }}
{{- end -}}

{{/* Takes a dict of root, and token (a map of existingSecret and key, or nothing). */}}
{{- define "baliprocess.clientVolumes" -}}
{{ include "baliprocess.fileVolume" (dict "volume" "clients" "source" (include "baliprocess.clientsAuthority" .root | fromJson) "path" "ca.crt") }}
{{- with .token }}
{{ include "baliprocess.fileVolume" (dict "volume" "token" "source" . "path" "token") }}
{{- end }}
{{- end -}}

{{- define "baliprocess.clientMounts" -}}
- name: clients
  mountPath: /etc/baliprocess/clients
  readOnly: true
{{- if .token }}
- name: token
  mountPath: /etc/baliprocess/token
  readOnly: true
{{- end }}
{{- end -}}

{{/* A container with balictl. Takes a dict of root, container, token, and args (a list) or script. */}}
{{- define "baliprocess.clientContainer" -}}
name: {{ .container }}
image: {{ include "baliprocess.image" .root }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- if .script }}
command: [bash, -euc]
args:
  - |
    {{- .script | nindent 4 }}
{{- else }}
command: [balictl]
args:
  {{- toYaml .args | nindent 2 }}
{{- end }}
env:
  {{- include "baliprocess.clientEnv" . | nindent 2 }}
{{- with .resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .root.Values.defaults.pod.containerSecurityContext | nindent 2 }}
volumeMounts:
  {{- include "baliprocess.clientMounts" . | nindent 2 }}
{{- end -}}
