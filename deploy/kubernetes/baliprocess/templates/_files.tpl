{{/* The files that processes see: secrets and ConfigMaps of others, by name. */}}

{{/* A volume with one file of a secret or a ConfigMap. Takes a dict of volume, source (a map with
     existingSecret or existingConfigMap, and key) and path (the file's name). */}}
{{- define "baliprocess.fileVolume" -}}
- name: {{ .volume }}
  {{- if .source.existingSecret }}
  secret:
    secretName: {{ .source.existingSecret }}
    defaultMode: 288  # 0440
  {{- else }}
  configMap:
    name: {{ .source.existingConfigMap }}
    defaultMode: 292  # 0444
  {{- end }}
    items:
      - key: {{ .source.key }}
        path: {{ .path }}
{{- end -}}

{{/* The name of the secret with a component's certificate. Takes a dict of root and name. */}}
{{- define "baliprocess.certificateSecret" -}}
{{- if eq .root.Values.certificates.source "certManager" -}}
{{- include "baliprocess.componentName" . }}-tls
{{- else -}}
{{- get .root.Values.certificates.secrets .name -}}
{{- end -}}
{{- end -}}

{{/* As `source` of fileVolume: the authorities of all processes. Takes a dict of root and name. */}}
{{- define "baliprocess.authority" -}}
{{- with .root.Values.certificates.authority -}}
{{- if or .existingConfigMap .existingSecret -}}
{{- toJson . -}}
{{- else -}}
{{- dict "existingSecret" (include "baliprocess.certificateSecret" $) "key" (include "baliprocess.certificateKeys" $.root | fromJson).authority | toJson -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The keys in the secrets of certificates: those of cert-manager are fixed. */}}
{{- define "baliprocess.certificateKeys" -}}
{{- if eq .Values.certificates.source "certManager" -}}
{"certificate": "tls.crt", "key": "tls.key", "authority": "ca.crt"}
{{- else -}}
{{- .Values.certificates.keys | toJson -}}
{{- end -}}
{{- end -}}

{{/* Whether clients see another certificate than services do. */}}
{{- define "baliprocess.hasPublicCertificate" -}}
{{- with .Values.gateway.certificate -}}
{{- if or .existingSecret .dnsNames }}true{{ end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.publicCertificateSecret" -}}
{{- .Values.gateway.certificate.existingSecret | default (printf "%s-gateway-public-tls" (include "baliprocess.fullname" .)) -}}
{{- end -}}

{{- define "baliprocess.volumes" -}}
- name: settings
  configMap:
    name: {{ include "baliprocess.componentName" . }}
{{ include "baliprocess.certificateVolumes" . }}
{{- with .root.Values.tokens }}
{{- if or .existingSecret .existingConfigMap }}
{{- $keys := compact (concat (list .jwksKey .issuersKey) .moreKeys) | uniq }}
{{ include "baliprocess.fileVolume" (dict "volume" "tokens" "source" (dict "existingSecret" .existingSecret "existingConfigMap" .existingConfigMap "key" (first $keys)) "path" (first $keys)) }}
{{- range rest $keys }}
      - key: {{ . }}
        path: {{ . }}
{{- end }}
{{- end }}
{{- end }}
{{- if eq .name "gateway" }}
{{- include "baliprocess.gatewayVolumes" . }}
{{- else }}
{{- include "baliprocess.serviceVolumes" . }}
{{- end }}
{{- end -}}

{{/* Takes the root. */}}
{{- define "baliprocess.postgresVolumes" -}}
{{- with .Values.postgres.authority }}
{{- if or .existingConfigMap .existingSecret }}
{{ include "baliprocess.fileVolume" (dict "volume" "postgres-authority" "source" . "path" "ca.crt") }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Takes a dict of root and name: the certificate of a component, and who signs certificates. */}}
{{- define "baliprocess.certificateVolumes" -}}
{{- $keys := include "baliprocess.certificateKeys" .root | fromJson -}}
- name: tls
  secret:
    secretName: {{ include "baliprocess.certificateSecret" . }}
    defaultMode: 288  # 0440
    items:
      - key: {{ $keys.certificate }}
        path: tls.crt
      - key: {{ $keys.key }}
        path: tls.key
{{ include "baliprocess.fileVolume" (dict "volume" "authority" "source" (include "baliprocess.authority" . | fromJson) "path" "ca.crt") }}
{{- end -}}

{{- define "baliprocess.serviceVolumes" -}}
{{- if eq .root.Values.profile "postgres" }}
{{- if and .values.store.existingSecret (not .values.store.urlKey) }}
{{ include "baliprocess.fileVolume" (dict "volume" "store" "source" (dict "existingSecret" .values.store.existingSecret "key" .values.store.passwordKey) "path" "password") }}
{{- end }}
{{- include "baliprocess.postgresVolumes" .root }}
{{- else }}
{{- with .values.persistence.existingClaim }}
- name: records
  persistentVolumeClaim:
    claimName: {{ . }}
{{- end }}
{{- if .values.shipping.enabled }}
- name: shipped
  persistentVolumeClaim:
    claimName: {{ .values.shipping.existingClaim | default (include "baliprocess.shippedClaim" .) }}
{{- end }}
{{- end }}
{{- if eq .name "capacity" }}
{{ include "baliprocess.fileVolume" (dict "volume" "identity" "source" .values.identityKey "path" "identity.key") }}
{{- with .values.identityKey.previousKey }}
      - key: {{ . }}
        path: previous.key
{{- end }}
{{- end }}
{{- end -}}

{{- define "baliprocess.gatewayVolumes" -}}
{{- if eq (include "baliprocess.hasPublicCertificate" .root) "true" }}
- name: public-tls
  secret:
    secretName: {{ include "baliprocess.publicCertificateSecret" .root }}
    defaultMode: 288  # 0440
    items:
      - key: tls.crt
        path: tls.crt
      - key: tls.key
        path: tls.key
{{- end }}
{{- with .values.clientCertificates }}
{{- if ne .mode "none" }}
{{ include "baliprocess.fileVolume" (dict "volume" "client-authority" "source" .authority "path" "ca.crt") }}
{{- if or .identities.existingConfigMap .identities.existingSecret }}
{{ include "baliprocess.fileVolume" (dict "volume" "client-identities" "source" .identities "path" "callers.json") }}
{{- end }}
{{- if .signingKey.existingSecret }}
{{ include "baliprocess.fileVolume" (dict "volume" "signing-key" "source" .signingKey "path" "signing-key.pem") }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* A mount at /etc/baliprocess/VOLUME for each volume above, but for those that the service writes to. */}}
{{- define "baliprocess.mounts" -}}
{{- range include "baliprocess.volumes" . | fromYamlArray }}
{{- if eq .name "shipped" }}
- name: shipped
  mountPath: /shipped
{{- else if ne .name "records" }}
- name: {{ .name }}
  mountPath: /etc/baliprocess/{{ .name }}
  readOnly: true
{{- end }}
{{- end }}
{{- if eq (include "baliprocess.workloadKind" .) "StatefulSet" }}
{{- if eq .root.Values.profile "sqlite" }}
- name: records
  mountPath: /var/lib/baliprocess
{{- else }}
- name: erasures
  mountPath: /erasures
{{- end }}
{{- end }}
{{- end -}}
