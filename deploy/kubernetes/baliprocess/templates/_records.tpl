{{/* The volumes of a StatefulSet: of the records of one replica, with profile sqlite, or of each replica's list of
     erasures, with profile postgres. */}}
{{- define "baliprocess.ownVolumes" -}}
{{- if eq .root.Values.profile "postgres" -}}
{{- include "baliprocess.claimTemplates" (dict "component" . "volume" "erasures" "claim" .values.erasures "whenDeleted" "Retain") -}}
{{- else if not .values.persistence.existingClaim -}}
{{- include "baliprocess.claimTemplates" (dict "component" . "volume" "records" "claim" .values.persistence "whenDeleted" .values.persistence.whenDeleted) -}}
{{- end -}}
{{- end -}}

{{/* Takes a dict of component, volume (its name), claim (values) and whenDeleted. */}}
{{- define "baliprocess.claimTemplates" -}}
{{- if semverCompare ">=1.27-0" .component.root.Capabilities.KubeVersion.Version -}}
persistentVolumeClaimRetentionPolicy:
  whenDeleted: {{ .whenDeleted }}
  whenScaled: Retain
{{ end -}}
volumeClaimTemplates:
  - metadata:
      name: {{ .volume }}
      labels:
        {{- include "baliprocess.selectorLabels" .component | nindent 8 }}
      {{- with .claim.annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "baliprocess.claim" .claim | nindent 6 }}
{{- end -}}

{{/* The specification of a claim. Takes values: accessModes, storageClass, size. */}}
{{- define "baliprocess.claim" -}}
accessModes:
  {{- toYaml .accessModes | nindent 2 }}
{{- with .storageClass }}
storageClassName: {{ . | quote }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}

{{/* The claim to which a service ships what changes, unless it is told another. */}}
{{- define "baliprocess.shippedClaim" -}}
{{ include "baliprocess.componentName" . }}-shipped
{{- end -}}
