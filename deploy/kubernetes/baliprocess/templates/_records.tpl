{{/* The volume of a service's records, with profile sqlite: of a StatefulSet of one replica. */}}
{{- define "baliprocess.recordsVolume" -}}
{{- with .values.persistence -}}
{{- if not .existingClaim -}}
{{- if semverCompare ">=1.27-0" $.root.Capabilities.KubeVersion.Version -}}
persistentVolumeClaimRetentionPolicy:
  whenDeleted: {{ .whenDeleted }}
  whenScaled: Retain
{{ end -}}
volumeClaimTemplates:
  - metadata:
      name: records
      labels:
        {{- include "baliprocess.selectorLabels" $ | nindent 8 }}
      {{- with .annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      accessModes:
        {{- toYaml .accessModes | nindent 8 }}
      {{- with .storageClass }}
      storageClassName: {{ . | quote }}
      {{- end }}
      resources:
        requests:
          storage: {{ .size }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The claim to which a service ships what changes, unless it is told another. */}}
{{- define "baliprocess.shippedClaim" -}}
{{ include "baliprocess.componentName" . }}-shipped
{{- end -}}
